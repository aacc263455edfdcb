import { startOfDay } from '@/design/format';
import type { Booking, Facility, Hours, Kind, Slot } from './api';
import type { zh } from './text.zh';

type Text = typeof zh;

/** A span of the day on several days of the week, as a person fills it in. */
export interface Opening {
  days: number[];
  from: number;
  to: number;
}

const two = (n: number) => String(n).padStart(2, '0');

/** 08:30, and 24:00 for the end of the day. */
export const hhmm = (minute: number): string => `${two(Math.floor(minute / 60))}:${two(minute % 60)}`;

/** The week from Monday on, as people count it. */
export const weekDays = [1, 2, 3, 4, 5, 6, 0] as const;

const monday = (day: number) => (day + 6) % 7;

/** Hours of single days, joined where the same span holds on several. */
export function openingsOf(hours: readonly Hours[]): Opening[] {
  const by = new Map<string, Opening>();
  for (const h of hours) {
    const key = `${h.from_min}-${h.to_min}`;
    const o = by.get(key) ?? { days: [], from: h.from_min, to: h.to_min };
    if (!o.days.includes(h.day)) o.days.push(h.day);
    by.set(key, o);
  }
  for (const o of by.values()) o.days.sort((a, b) => monday(a) - monday(b));
  return [...by.values()].sort((a, b) => monday(a.days[0] ?? 0) - monday(b.days[0] ?? 0) || a.from - b.from);
}

/** The way back: one row per day and span. */
export const hoursOf = (openings: readonly Opening[]): Hours[] =>
  openings.flatMap((o) => o.days.map((day) => ({ day, from_min: o.from, to_min: o.to })));

/** 周一至周五 08:00–17:00；周六 09:00–12:00 */
export function hoursWords(hours: readonly Hours[], t: Text): string {
  if (hours.length === 0) return t.noHours;
  return openingsOf(hours)
    .map((o) => `${daysWords(o.days, t)} ${hhmm(o.from)}–${hhmm(o.to)}`)
    .join(t.semicolon);
}

/** Days of the week in runs: 周一至周五、周日. */
function daysWords(days: readonly number[], t: Text): string {
  if (days.length === 7) return t.every;
  const runs: number[][] = [];
  for (const d of days) {
    const run = runs[runs.length - 1];
    const last = run?.[run.length - 1];
    if (run && last !== undefined && monday(d) === monday(last) + 1) run.push(d);
    else runs.push([d]);
  }
  const name = (d: number | undefined) => t.week[d ?? 0] ?? '';
  return runs
    .map((r) => (r.length > 2 ? t.range(name(r[0]), name(r[r.length - 1])) : r.map(name).join(t.and)))
    .join(t.and);
}

/** Whether a span makes no sense: it ends before it begins, or holds on no day. */
export const wrong = (o: Opening): boolean => o.from >= o.to || o.days.length === 0;

export type SlotState = 'free' | 'full' | 'closed' | 'past';

/** How a slot stands for somebody who wants to come. */
export function stateOf(s: Slot, now: number): SlotState {
  if (Date.parse(s.end) <= now) return 'past';
  if (s.closed) return 'closed';
  return s.booked >= s.capacity ? 'full' : 'free';
}

/** Whether people can come in now. */
export const running = (s: Slot, now: number): boolean =>
  stateOf(s, now) !== 'past' && !s.closed && Date.parse(s.start) <= now;

/** Whether one can still book it: it has not begun and has a seat. */
export const bookable = (s: Slot, now: number): boolean =>
  stateOf(s, now) === 'free' && Date.parse(s.start) > now;

/** Slots by Shanghai day, in order. */
export function byDay(slots: readonly Slot[]): { day: number; slots: Slot[] }[] {
  const by = new Map<number, Slot[]>();
  for (const s of slots) {
    const day = startOfDay(Date.parse(s.start));
    by.set(day, [...(by.get(day) ?? []), s]);
  }
  return [...by].map(([day, list]) => ({ day, slots: list })).sort((a, b) => a.day - b.day);
}

/** Bookings of one day by time; those called off go last. */
export function bookingsOn(all: readonly Booking[], day: number): Booking[] {
  const gone = (b: Booking) => Number(b.state === 'canceled');
  return all
    .filter((b) => startOfDay(Date.parse(b.start)) === day)
    .sort((a, b) => gone(a) - gone(b) || Date.parse(a.start) - Date.parse(b.start) || (a.id < b.id ? -1 : 1));
}

/** The expected booking of a day that a code belongs to. */
export const byCode = (all: readonly Booking[], code: string): Booking | undefined =>
  all.find((b) => b.state === 'booked' && b.code === code);

/** Whether check-in is open: from 30 minutes before the slot to its end. */
export const checkInOpen = (b: Booking, now: number): boolean =>
  b.state === 'booked' && now >= Date.parse(b.start) - 30 * 60_000 && now < Date.parse(b.end);

/** Meters between two points, good enough within a town. */
export function meters(
  a: { lng: number; lat: number } | undefined,
  b: { lng: number; lat: number },
): number | undefined {
  if (!a || (a.lng === 0 && a.lat === 0)) return undefined;
  const k = Math.PI / 180;
  const dx = (a.lng - b.lng) * Math.cos(((a.lat + b.lat) / 2) * k);
  return Math.hypot(dx, a.lat - b.lat) * k * 6_371_000;
}

/** Facilities that fit the filters of the list. */
export function filtered(
  all: readonly Facility[],
  f: { kind?: string; place?: string; q?: string },
  specName: (code: string) => string,
): Facility[] {
  const q = f.q?.trim().toLowerCase() ?? '';
  return all.filter(
    (x) =>
      (!f.kind || x.kind === f.kind) &&
      (!f.place || x.place.startsWith(f.place)) &&
      (q === '' || `${x.name} ${x.specs.map(specName).join(' ')}`.toLowerCase().includes(q)),
  );
}

/** Name of a kind in the language in use. */
export const kindName = (kinds: readonly Kind[] | undefined, kind: string, lang: 'zh' | 'en'): string =>
  kinds?.find((k) => k.kind === kind)?.[lang] ?? kind;
