/** One block of a worker's day, in minutes since midnight. */
export interface LaneBlock {
  id: string;
  from: number;
  to: number;
  kind: 'visit' | 'travel';
  label: string;
  note?: string;
  /** The resident was told this time: moving it costs a reason. */
  told?: boolean;
  severity?: number;
  late?: boolean;
  /** Done: kept in the lane, pale. */
  done?: boolean;
  /** Two people come together: the other lane holds a block of the same id. */
  pair?: boolean;
}

export interface Lane {
  id: string;
  name: string;
  note?: string;
  /** Somebody the page speaks of now. */
  marked?: boolean;
  /** Shifts in minutes since midnight. */
  shifts: { from: number; to: number }[];
  blocks: LaneBlock[];
}

/** The board shows 07:00 to 21:00 at two pixels a minute. */
export const day = { from: 7 * 60, to: 21 * 60, px: 2 } as const;

/** Left edge of a minute on the board, held inside of it. */
export const x = (minute: number) => (Math.min(day.to, Math.max(day.from, minute)) - day.from) * day.px;

/** Minute at a pixel, to the nearest five. */
export const minuteAt = (px: number) => Math.round((day.from + px / day.px) / 5) * 5;

/** Lanes that share a block, as rows from and to, with the minute they meet. */
export function tiesOf(lanes: readonly Lane[]): { id: string; from: number; to: number; at: number }[] {
  const first = new Map<string, number>();
  const out = [];
  for (const [row, lane] of lanes.entries()) {
    for (const b of lane.blocks) {
      if (!b.pair) continue;
      const other = first.get(b.id);
      if (other === undefined) first.set(b.id, row);
      else out.push({ id: b.id, from: other, to: row, at: b.from });
    }
  }
  return out;
}
