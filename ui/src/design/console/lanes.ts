/** One block of a worker's day, in minutes since midnight. */
export interface LaneBlock {
  id: string;
  from: number;
  to: number;
  kind: 'visit' | 'travel';
  label: string;
  note?: string;
  /** All of it in words, for the pointer that rests on it and for who does not see it. */
  title?: string;
  /** The resident was told this time: moving it costs a reason. */
  told?: boolean;
  late?: boolean;
  /** Done: kept in the lane, pale. */
  done?: boolean;
  /** Of a plan that is not in force yet: comes here newly. */
  fresh?: boolean;
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

/** The board shows 07:00 to 21:00 at two pixels a minute; a lane is 48 px high, its name 168 px wide. */
export const day = { from: 7 * 60, to: 21 * 60, px: 2, row: 48, name: 168 } as const;

/** Left edge of a minute on the board, held inside of it. */
export const x = (minute: number) => (Math.min(day.to, Math.max(day.from, minute)) - day.from) * day.px;

/** Rows a tie reaches over; across more of them it would only be one line among many, and the mark of two people says it. */
const near = 4;

/** Lanes that share a block, as rows from and to, with the minute they meet. */
export function tiesOf(lanes: readonly Lane[]): { id: string; from: number; to: number; at: number }[] {
  const first = new Map<string, number>();
  const out = [];
  for (const [row, lane] of lanes.entries()) {
    for (const b of lane.blocks) {
      if (!b.pair) continue;
      const other = first.get(b.id);
      if (other === undefined) first.set(b.id, row);
      else if (row - other <= near) out.push({ id: b.id, from: other, to: row, at: b.from });
    }
  }
  return out;
}

/** Where the keyboard stands: on a visit, or on the name of the lane. */
export interface Cell {
  lane: string;
  block?: string;
}

const visitsOf = (lane: Lane) => lane.blocks.filter((b) => b.kind === 'visit');

/** Lanes that one press of Page Up or Page Down passes. */
const leap = 8;

/**
 * Where an arrow key leads: left and right along the day with the name at its head, up and down to
 * the visit of the next lane that is nearest in time. Undefined: the key leads nowhere.
 */
export function step(lanes: readonly Lane[], at: Cell, key: string): Cell | undefined {
  const row = lanes.findIndex((l) => l.id === at.lane);
  const lane = lanes[row];
  if (!lane) return lanes[0] && { lane: lanes[0].id };
  const visits = visitsOf(lane);
  const i = visits.findIndex((b) => b.id === at.block);
  const cell = (l: Lane | undefined, b?: LaneBlock): Cell | undefined => l && { lane: l.id, block: b?.id };
  switch (key) {
    case 'ArrowRight':
      return visits[i + 1] && cell(lane, visits[i + 1]);
    case 'ArrowLeft':
      return i < 0 ? undefined : cell(lane, visits[i - 1]);
    case 'Home':
      return cell(lane);
    case 'End':
      return cell(lane, visits[visits.length - 1]);
    case 'ArrowUp':
    case 'ArrowDown':
    case 'PageUp':
    case 'PageDown': {
      const by = (key.startsWith('Page') ? leap : 1) * (key.endsWith('Up') ? -1 : 1);
      const next = lanes[Math.max(0, Math.min(lanes.length - 1, row + by))];
      const from = visits[i]?.from;
      if (!next || next === lane) return undefined;
      if (from === undefined) return cell(next);
      const near = (b: LaneBlock) => Math.abs(b.from - from);
      const best = visitsOf(next).reduce<LaneBlock | undefined>(
        (a, b) => (a && near(a) <= near(b) ? a : b),
        undefined,
      );
      return cell(next, best);
    }
  }
  return undefined;
}
