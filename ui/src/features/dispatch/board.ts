import type { Lane, LaneBlock } from '@/design/console/lanes';
import { clock, count, duration, isoDay, millis, startOfDay } from '@/design/format';
import type { Marker, Route } from '@/map/spec';
import type { Order, Stop, WorkerDay } from './api';
import type { Text } from './text';

/** How the board names what it shows. */
export interface Words {
  t: Text;
  spec: (code: string) => string;
  item: (code: string) => string;
  plate: (place: string) => string;
  org: (id: string) => string;
}

/** Minutes since the midnight before `day`, so that a night shift may run over it. */
const minuteOf = (t: string, day: number) => ((millis(t) ?? day) - day) / 60_000;

/** The lanes of a day. `there` are the orders being served now: a promise that has passed without an arrival is late. */
export function lanesOf(
  days: readonly WorkerDay[],
  there: ReadonlySet<string>,
  now: number,
  w: Words,
  day: number,
): Lane[] {
  return days.map((l) => ({
    id: l.worker,
    name: l.name,
    note: note(l, w),
    shifts: l.shifts.map((s) => ({ from: minuteOf(s.from, day), to: minuteOf(s.to, day) })),
    blocks: l.stops.flatMap((s) => blocksOf(s, there, now, w, day)),
  }));
}

function note(l: WorkerDay, w: Words): string {
  const n = l.stops.filter((s) => !s.ended).length;
  const work = n > 0 ? w.t.load(String(n), duration(l.load_min * 60_000)) : w.t.free;
  return l.org ? `${work} · ${w.org(l.org)}` : work;
}

function blocksOf(s: Stop, there: ReadonlySet<string>, now: number, w: Words, day: number): LaneBlock[] {
  const from = minuteOf(s.start, day);
  const label = w.plate(s.place);
  const what = s.spec ? w.spec(s.spec) : w.item(s.item);
  const note = `${what} ${clock(s.promise.from)}–${clock(s.promise.to)}`;
  const told = s.told ?? !s.ended;
  const late = isLate(s, there, now);
  const visit: LaneBlock = {
    id: s.order,
    from,
    to: minuteOf(s.end, day),
    kind: 'visit',
    label,
    note,
    title: [
      `${label} ${note}`,
      w.t.block.planned(`${clock(s.start)}–${clock(s.end)}`),
      ...(s.ended ? [w.t.block.done] : told ? [w.t.block.told] : []),
      ...(s.pair ? [w.t.two] : []),
      ...(late ? [w.t.legend.late] : []),
    ].join(w.t.comma),
    told,
    pair: s.pair,
    done: Boolean(s.ended),
    late,
  };
  if (s.travel_min <= 0) return [visit];
  const way: LaneBlock = {
    id: `${s.order} travel`,
    from: from - s.travel_min,
    to: from,
    kind: 'travel',
    label: '',
    title: w.t.block.travel(count(s.travel_min)),
  };
  return [way, visit];
}

/** Nobody is there although the promised window is over. */
export function isLate(s: Stop, there: ReadonlySet<string>, now: number): boolean {
  return !s.ended && !there.has(s.order) && now > (millis(s.promise.to) ?? Number.POSITIVE_INFINITY);
}

/**
 * What the map shows: what waits, what is late, and who is on duty, who stand back into one mark where
 * there are many. The visits of a day are shown only of whom the page speaks.
 */
export function markersOf(
  lanes: readonly WorkerDay[],
  waiting: readonly Order[],
  there: ReadonlySet<string>,
  now: number,
  spoken: readonly string[] = [],
  plate: (place: string) => string = () => '',
): Marker[] {
  const out = new Map<string, Marker>();
  for (const l of lanes) {
    const named = spoken.includes(l.worker);
    for (const s of l.stops) {
      const late = isLate(s, there, now);
      if ((!named && !late) || s.ended || !known(s.at)) continue;
      out.set(s.order, {
        id: `o:${s.order}`,
        ...point(s.at),
        kind: 'home',
        severity: late ? 4 : undefined,
        label: named ? `${clock(s.start)} ${plate(s.place)}` : undefined,
      });
    }
    if ((named || onDuty(l, now)) && known(l.at))
      out.set(l.worker, {
        id: `w:${l.worker}`,
        ...point(l.at),
        kind: 'worker',
        label: l.name,
        crowd: !named,
      });
  }
  for (const o of waiting) {
    if (!known(o.at)) continue;
    const late = o.due.left_ms < 0;
    out.set(o.id, {
      id: `o:${o.id}`,
      ...point(o.at),
      kind: 'order',
      severity: late ? 4 : undefined,
    });
  }
  return [...out.values()];
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
  return { start, date: isoDay(start) };
}

/** Lanes that fit what was typed: name, organization, skill. */
export function fits(l: WorkerDay, typed: string, org: string, skills: string): boolean {
  const q = typed.trim().toLowerCase();
  return q === '' || `${l.name} ${org} ${skills}`.toLowerCase().includes(q);
}
