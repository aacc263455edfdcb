import { millis } from '@/design/format';
import type { Board, Stop, WorkerDay } from './api';
import type { History, PastVisit, PastWait } from './history';

/** The board as it was at one moment. */
export interface Moment {
  lanes: WorkerDay[];
  waiting: PastWait[];
  running: number;
  finished: number;
}

/** All moments at which anything changed, in order; between two of them the board stood still. */
export function turns(h: History): number[] {
  const at = new Set<number>();
  const add = (t: string | undefined) => {
    const ms = millis(t);
    if (ms !== undefined) at.add(ms);
  };
  for (const v of h.visits) {
    add(v.set_at);
    add(v.told_at);
    add(v.ended_at);
  }
  for (const w of h.waits) {
    add(w.from);
    add(w.to);
  }
  for (const a of h.acts) add(a.at);
  return [...at].sort((a, b) => a - b);
}

/** How many of the turns had come at a moment: as long as this stays, so does the board. */
export function turnOf(all: readonly number[], at: number): number {
  let lo = 0;
  let hi = all.length;
  while (lo < hi) {
    const mid = (lo + hi) >> 1;
    if ((all[mid] as number) <= at) lo = mid + 1;
    else hi = mid;
  }
  return lo;
}

const nowhere = { lng: 0, lat: 0 };

/** A visit stood at a moment: set before, not taken away yet. What was finished stays as done. */
export function stood(v: PastVisit, at: number): 'ahead' | 'done' | undefined {
  if (at < (millis(v.set_at) ?? 0)) return undefined;
  const end = millis(v.ended_at);
  if (end === undefined || at < end) return 'ahead';
  return v.ended === 'finished' ? 'done' : undefined;
}

/**
 * The board at a moment of a past day. `frame` gives the shifts and names of those who worked;
 * whoever has a visit and is not among them gets a lane all the same.
 */
export function boardAt(h: History, frame: Board | undefined, at: number): Moment {
  const lanes = new Map<string, WorkerDay>();
  for (const l of frame?.lanes ?? [])
    if (l.shifts.length > 0) lanes.set(l.worker, { ...l, stops: [], load_min: 0 });
  const named = new Map(h.visits.map((v) => [v.worker, v.name]));
  const laneOf = (id: string, v: PastVisit): WorkerDay => {
    const known = lanes.get(id);
    if (known) return known;
    const l = frame?.lanes.find((x) => x.worker === id);
    const made: WorkerDay = {
      worker: id,
      name: l?.name ?? named.get(id) ?? '—',
      org: l?.org,
      place: l?.place ?? v.place,
      at: l?.at ?? nowhere,
      profile: l?.profile ?? '',
      active: true,
      skills: l?.skills ?? [],
      shifts: l?.shifts ?? [],
      load_min: 0,
      stops: [],
    };
    lanes.set(id, made);
    return made;
  };
  let running = 0;
  let finished = 0;
  for (const v of h.visits) {
    const how = stood(v, at);
    if (!how) continue;
    if (how === 'done') finished++;
    else running++;
    const stop: Stop = {
      order: v.order,
      item: v.item,
      spec: '',
      sla: v.sla,
      place: v.place,
      at: v.at ?? nowhere,
      start: v.start,
      end: v.end,
      travel_min: 0,
      promise: { from: v.start, to: v.end },
      auto: true,
      pair: Boolean(v.second),
      ended: how === 'done' ? 'finished' : undefined,
      told: how === 'ahead' && (millis(v.told_at) ?? Number.POSITIVE_INFINITY) <= at,
    };
    const length = ((millis(v.end) ?? 0) - (millis(v.start) ?? 0)) / 60_000;
    for (const id of [v.worker, v.second]) {
      if (!id) continue;
      const l = laneOf(id, v);
      l.stops.push(stop);
      l.load_min += length;
    }
  }
  for (const l of lanes.values()) l.stops.sort((a, b) => (millis(a.start) ?? 0) - (millis(b.start) ?? 0));
  return {
    lanes: [...lanes.values()],
    waiting: h.waits.filter(
      (w) => (millis(w.from) ?? 0) <= at && at < (millis(w.to) ?? Number.POSITIVE_INFINITY),
    ),
    running,
    finished,
  };
}

/** One line of what happened, by the system or by somebody on the board. */
export interface Event {
  at: number;
  kind: string;
  order?: string;
  worker?: string;
  /** Who did it; left out: the system. */
  by?: string;
  /** In words, as it was given. */
  reason?: string;
}

/** Ends of an assignment that are told; the others show as whoever comes next. */
const told = ['finished', 'declined', 'canceled', 'failed'];

/** What happened that day, the earliest first: what people did, and what became of every order. */
export function happened(h: History): Event[] {
  const out: Event[] = [];
  const add = (t: string | undefined, e: Omit<Event, 'at'>) => {
    const at = millis(t);
    if (at !== undefined) out.push({ at, ...e });
  };
  const had = new Set<string>();
  for (const v of [...h.visits].sort((a, b) => (millis(a.set_at) ?? 0) - (millis(b.set_at) ?? 0))) {
    const about = { order: v.order, worker: v.worker };
    add(v.set_at, { kind: had.has(v.order) ? 'reassigned' : 'assigned', ...about });
    had.add(v.order);
    const end = told.find((k) => v.ended?.startsWith(k));
    if (end) add(v.ended_at, { kind: end, ...about });
  }
  for (const w of h.waits) add(w.from, { kind: 'waiting', order: w.order });
  for (const a of h.acts) {
    // a relaxation keeps what was relaxed before the words
    const reason = a.kind === 'relax' ? a.reason?.replace(/^\S+\s?/, '') : a.reason;
    add(a.at, {
      kind: a.kind,
      order: a.order || undefined,
      worker: a.worker || undefined,
      by: a.by_name,
      reason,
    });
  }
  return out.sort((a, b) => a.at - b.at);
}
