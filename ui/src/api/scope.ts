import { useSyncExternalStore } from 'react';

const key = 'linli.scope';
const listeners = new Set<() => void>();
let current = stored();

function stored(): string {
  try {
    return sessionStorage.getItem(key) ?? '';
  } catch {
    return '';
  }
}

/**
 * The place the person chose to look at: a place path, or '' for all the person answers for.
 * Lists and maps pass it as `place`; the server narrows, never widens, by it.
 */
export function useScope(): string {
  return useSyncExternalStore(
    (f) => {
      listeners.add(f);
      return () => listeners.delete(f);
    },
    () => current,
  );
}

/** Chooses a place for this tab. */
export function setScope(place: string): void {
  current = place;
  try {
    sessionStorage.setItem(key, place);
  } catch {}
  for (const f of listeners) f();
}
