import { useSyncExternalStore } from 'react';

/**
 * An act that can be taken back for five seconds because nobody has been told of it yet: a worker's
 * phone that rings and is silenced again costs more trust than five seconds cost time. Leaving the
 * page, hiding it or starting another act sends it at once; only 撤回 drops it.
 */
export interface Held {
  id: number;
  /** What will happen, in a sentence. */
  words: string;
  /** What it is about, so that the row can step back meanwhile. */
  subject: string;
  until: number;
}

export const holdFor = 5000;

interface Open extends Held {
  send: (leaving: boolean) => void;
  timer: ReturnType<typeof setTimeout>;
}

let open: Open | undefined;
let shown: Held | undefined;
let next = 1;
const watchers = new Set<() => void>();

function show(): void {
  shown = open ? { id: open.id, words: open.words, subject: open.subject, until: open.until } : undefined;
  for (const f of watchers) f();
}

/** Holds an act back; the one held before goes out now. */
export function hold(words: string, subject: string, send: (leaving: boolean) => void): void {
  release();
  const id = next++;
  open = {
    id,
    words,
    subject,
    send,
    until: Date.now() + holdFor,
    timer: setTimeout(() => release(), holdFor),
  };
  show();
}

/** Sends what is held, now. */
export function release(leaving = false): void {
  if (!open) return;
  const { send, timer } = open;
  clearTimeout(timer);
  open = undefined;
  show();
  send(leaving);
}

/** Somebody reads or reaches for the bar: time stands still until they leave it. */
export function pause(): void {
  if (!open) return;
  clearTimeout(open.timer);
  open.until = Number.POSITIVE_INFINITY;
  show();
}

/** The five seconds begin anew. */
export function resume(): void {
  if (!open || Number.isFinite(open.until)) return;
  open.until = Date.now() + holdFor;
  open.timer = setTimeout(() => release(), holdFor);
  show();
}

/** Drops what is held; nobody ever hears of it. */
export function drop(): void {
  if (!open) return;
  clearTimeout(open.timer);
  open = undefined;
  show();
}

/** What is held now. */
export function useHeld(): Held | undefined {
  return useSyncExternalStore(
    (f) => {
      watchers.add(f);
      return () => watchers.delete(f);
    },
    () => shown,
  );
}

if (typeof addEventListener === 'function') {
  addEventListener('pagehide', () => release(true));
  document.addEventListener('visibilitychange', () => {
    if (document.hidden) release(true);
  });
}
