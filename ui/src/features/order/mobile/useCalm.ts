import { useCallback, useState } from 'react';

/**
 * Rows that do not move under a finger: known ones change in place, new ones wait until
 * they are asked for, those that are gone stay as they were last seen until then.
 */
export function useCalm<T>(
  rows: readonly T[] | undefined,
  id: (row: T) => string,
): { rows: T[] | undefined; fresh: number; show: () => void } {
  const [held, setHeld] = useState<T[]>();
  const merged = rows ? calm(held, rows, id) : held;
  if (rows && (held === undefined || merged?.some((r, i) => r !== held[i]))) setHeld(merged);
  const fresh = rows && merged ? rows.filter((r) => !merged.some((m) => id(m) === id(r))).length : 0;
  const show = useCallback(() => setHeld(rows ? [...rows] : undefined), [rows]);
  return { rows: merged, fresh, show };
}

/** What is shown of `rows` when `held` is on the screen already. */
export function calm<T>(held: readonly T[] | undefined, rows: readonly T[], id: (row: T) => string): T[] {
  if (!held || held.length === 0) return [...rows];
  const now = new Map(rows.map((r) => [id(r), r]));
  return held.map((h) => now.get(id(h)) ?? h);
}
