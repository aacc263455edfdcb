import { useSyncExternalStore } from 'react';

/** Something that happened on the server: ids and states, never personal fields. */
export interface LiveEvent {
  id: string;
  /** "<slice>.<verb>" or "<slice>.<noun>.<verb>", `reset` when too much was missed, `opened` once the stream stands. */
  name: string;
  key: string;
  place: string;
  at: string | number;
  data: Record<string, unknown>;
}

export type LiveState = 'off' | 'connecting' | 'live' | 'stale';

const listeners = new Set<(e: LiveEvent) => void>();
const watchers = new Set<() => void>();
let state: LiveState = 'off';
let lastAt = 0;

/** Hears every event of the stream. Returns how to stop hearing. */
export function onLive(f: (e: LiveEvent) => void): () => void {
  listeners.add(f);
  return () => listeners.delete(f);
}

/** How it stands with the stream, and the server time of the last sign of life. */
export function useStream(): { state: LiveState; lastAt: number } {
  const s = useSyncExternalStore(
    (f) => {
      watchers.add(f);
      return () => watchers.delete(f);
    },
    () => state,
  );
  return { state: s, lastAt };
}

/** For stream.ts, which holds the line: passes an event on. */
export function tell(e: LiveEvent): void {
  for (const f of listeners) f(e);
}

/** For stream.ts: how it stands now. */
export function become(next: LiveState, at = lastAt): void {
  lastAt = at;
  if (state === next) return;
  state = next;
  for (const f of watchers) f();
}

export const streamState = (): LiveState => state;
