import type { Lane, LaneBlock } from '@/design/console/lanes';
import { clock, duration, millis, startOfDay } from '@/design/format';
import type { Marker, Route } from '@/map/spec';
import type { Board, Order, Stop, WorkerDay } from './api';
import type { Text } from './text';

/** How the board names what it shows. */
export interface Words {
  t: Text;
  spec: (code: string) => string;
  plate: (place: string, door?: string) => string;
  org: (id: string) => string;
}

/** Minutes since the midnight before `day`, so that a night shift may run over it. */
const minuteOf = (t: string, day: number) => ((millis(t) ?? day) - day) / 60_000;

/** The lanes of a day. Orders give the states; a promise that has passed without an arrival is late. */
export function lanesOf(
  board: Board,
  orders: ReadonlyMap<string, Order>,
  now: number,
  w: Words,
  day: number,
): Lane[] {
  return board.lanes.map((l) => ({
    id: l.worker,
    name: l.name,
    note: note(l, w),
    shifts: l.shifts.map((s) => ({ from: minuteOf(s.from, day), to: minuteOf(s.to, day) })),
    blocks: l.stops.flatMap((s) => blocksOf(s, orders.get(s.order), now, w, day)),
  }));
}

function note(l: WorkerDay, w: Words): string {
  const n = l.stops.filter((s) => !s.ended).length;
  const work = n > 0 ? w.t.load(String(n), duration(l.load_min * 60_000)) : w.t.free;
  return l.org ? `${work} · ${w.org(l.org)}` : work;
}

function blocksOf(s: Stop, o: Order | undefined, now: number, w: Words, day: number): LaneBlock[] {
  const from = minuteOf(s.start, day);
  const window = `${clock(s.promise.from)}–${clock(s.promise.to)}`;
  const visit: LaneBlock = {
    id: s.order,
    from,
    to: minuteOf(s.end, day),
    kind: 'visit',
    label: w.plate(s.place, o?.door),
    note: `${w.spec(s.spec)} ${window}`,
    told: !s.ended,
    pair: s.pair,
    done: Boolean(s.ended),
    late: isLate(s, o, now),
  };
  if (s.travel_min <= 0) return [visit];
  return [{ id: `${s.order} travel`, from: from - s.travel_min, to: from, kind: 'travel', label: '' }, visit];
}

/** Nobody is there although the promised window is over. */
export function isLate(s: Stop, o: Order | undefined, now: number): boolean {
  if (s.ended || o?.state === 'arrived') return false;
  return now > (millis(s.promise.to) ?? Number.POSITIVE_INFINITY);
}

/** Workers on duty now, what waits, what is planned. */
export function markersOf(lanes: readonly WorkerDay[], waiting: readonly Order[], now: number): Marker[] {
  const out: Marker[] = [];
  const seen = new Set<string>();
  for (const l of lanes) {
    for (const s of l.stops) {
      if (s.ended || seen.has(s.order) || !known(s.at)) continue;
      seen.add(s.order);
      const late = isLate(s, undefined, now);
      out.push({ id: `o:${s.order}`, ...point(s.at), kind: 'home', severity: late ? 4 : undefined });
    }
    if (onDuty(l, now) && known(l.at))
      out.push({ id: `w:${l.worker}`, ...point(l.at), kind: 'worker', label: l.name });
  }
  for (const o of waiting) {
    if (!known(o.at)) continue;
    out.push({ id: `o:${o.id}`, ...point(o.at), kind: 'order', severity: o.due.left_ms < 0 ? 4 : undefined });
  }
  return out;
}

const known = (p: { lng: number; lat: number } | undefined): p is { lng: number; lat: number } =>
  p !== undefined && (p.lng !== 0 || p.lat !== 0);
const point = (p: { lng: number; lat: number }) => ({ lng: p.lng, lat: p.lat });

/** Whether a shift of the worker holds the moment. */
export function onDuty(l: WorkerDay, now: number): boolean {
  return l.active && l.shifts.some((s) => now >= (millis(s.from) ?? 0) && now < (millis(s.to) ?? 0));
}

/** Whether the worker has anything on the board that day. */
export const rostered = (l: WorkerDay) => l.stops.length > 0 || (l.active && l.shifts.length > 0);

/** The way of a worker through the day. */
export function dayRoute(l: WorkerDay): Route[] {
  const stops = l.stops.filter((s) => known(s.at));
  if (stops.length === 0) return [];
  const start: [number, number][] = known(l.at) ? [[l.at.lng, l.at.lat]] : [];
  const done = stops.filter((s) => s.ended).map((s): [number, number] => [s.at.lng, s.at.lat]);
  const ahead = stops.filter((s) => !s.ended).map((s): [number, number] => [s.at.lng, s.at.lat]);
  const walked = [...start, ...done];
  const out: Route[] = [];
  if (walked.length > 1) out.push({ id: `${l.worker} done`, path: walked });
  const last = walked.slice(-1);
  if (last.length + ahead.length > 1)
    out.push({ id: `${l.worker} ahead`, path: [...last, ...ahead], planned: true });
  return out;
}

/** Lines from those who could go to the place of the order. */
export function candidateRoutes(
  workers: readonly (WorkerDay | undefined)[],
  to: { lng: number; lat: number } | undefined,
): Route[] {
  if (!known(to)) return [];
  return workers.flatMap((l) =>
    l && known(l.at)
      ? [
          {
            id: `to ${l.worker}`,
            planned: true,
            path: [
              [l.at.lng, l.at.lat],
              [to.lng, to.lat],
            ] as [number, number][],
          },
        ]
      : [],
  );
}

/** Midnight of today, tomorrow or the day after, and its name for the API. */
export function dayOf(now: number, ahead: number): { start: number; date: string } {
  const start = startOfDay(now) + ahead * 86_400_000;
  return { start, date: new Date(start + 8 * 3_600_000).toISOString().slice(0, 10) };
}

/** Lanes that fit what was typed: name, organization, skill. */
export function fits(l: WorkerDay, typed: string, org: string, skills: string): boolean {
  const q = typed.trim().toLowerCase();
  return q === '' || `${l.name} ${org} ${skills}`.toLowerCase().includes(q);
}
