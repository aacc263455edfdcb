import { nearest, type Spot } from '@/map/town';
import type { HeatCell } from './api';

/** A counted cell among the others. */
export interface Ranked {
  cell: string;
  n: number;
  /** Share of all that is counted out. */
  share: number;
  rank: number;
}

/** Counted cells, most needs first, ties by name so that the order stands still. */
export function ranked(cells: readonly HeatCell[]): Ranked[] {
  const counted = cells.filter((c): c is { cell: string; n: number } => c.n !== undefined);
  const total = counted.reduce((sum, c) => sum + c.n, 0);
  return counted
    .sort((a, b) => b.n - a.n || (a.cell < b.cell ? -1 : 1))
    .map((c, i) => ({ ...c, share: total > 0 ? c.n / total : 0, rank: i + 1 }));
}

/** Counts in the order of the cells; null where too few people are. */
export const valuesOf = (cells: readonly HeatCell[]): (number | null)[] => cells.map((c) => c.n ?? null);

/**
 * What to call a hexagon: the estate whose middle is nearest, for cells have no name of their own.
 */
export function nameOf(
  at: readonly [number, number] | undefined,
  spots: readonly Spot[],
): string | undefined {
  return at ? nearest(spots, at[0], at[1], 3)?.name : undefined;
}
