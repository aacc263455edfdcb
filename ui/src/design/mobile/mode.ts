import { useSyncExternalStore } from 'react';

/** '' standard, elder 24 px, elder-xl 30 px; `sun` is the worker's high contrast and no size. */
export type Mode = '' | 'elder' | 'elder-xl' | 'sun';
export const sizes: readonly Mode[] = ['', 'elder', 'elder-xl'];

const key = 'linli.mode';
const listeners = new Set<() => void>();

/** The size of text this person chose, kept in this browser. */
export function getMode(): Mode {
  return (document.documentElement.dataset.mode as Mode) ?? '';
}

/** Switches the tokens of the whole page; nothing else changes with the mode. */
export function setMode(mode: Mode): void {
  if (mode) document.documentElement.dataset.mode = mode;
  else delete document.documentElement.dataset.mode;
  try {
    if (mode !== 'sun') localStorage.setItem(key, mode);
  } catch {}
  for (const f of listeners) f();
}

/** Applies the remembered size, or the worker's contrast on /w/. */
export function startMode(worker: boolean): void {
  let kept: string | null = null;
  try {
    kept = localStorage.getItem(key);
  } catch {}
  setMode(kept === 'elder' || kept === 'elder-xl' ? kept : worker ? 'sun' : '');
}

export function useMode(): Mode {
  return useSyncExternalStore((f) => {
    listeners.add(f);
    return () => listeners.delete(f);
  }, getMode);
}
