import { useSyncExternalStore } from 'react';

/** An act made on the phone that must reach the server, however late. */
export interface Command {
  /** ULID: order of making, and the idempotency key of every try. */
  id: string;
  /** Commands of one subject (an order) are sent in the order they were made. */
  subject: string;
  method: 'POST' | 'PUT' | 'PATCH';
  path: string;
  body?: unknown;
  /** A photo or recording: the whole body, or beside a `body` the multipart field `file`. */
  file?: Blob;
  /** Commands whose answers this one names; it waits for them. */
  needs?: string[];
  madeAt: number;
  /** The server's refusal; the command waits for the person to decide. */
  refused?: { zh: string; en: string };
}

let waiting: readonly Command[] = [];
const watchers = new Set<() => void>();

/** What still waits on this phone; all of it, or that of one subject. */
export function useOutbox(subject?: string): readonly Command[] {
  const all = useSyncExternalStore(
    (f) => {
      watchers.add(f);
      return () => watchers.delete(f);
    },
    () => waiting,
  );
  return subject ? all.filter((c) => c.subject === subject) : all;
}

/** For outbox.ts, which keeps the commands: what waits now. */
export const pending = (): readonly Command[] => waiting;

/** For outbox.ts: tells every page what waits now. */
export function setPending(commands: readonly Command[]): void {
  waiting = commands;
  for (const f of watchers) f();
}
