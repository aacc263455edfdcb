import { clock, isoDay, millis, startOfDay } from '@/design/format';
import type { Absence, Worker } from './api';

/** A span of work on one day, in minutes since midnight; the end may be 1440. */
export interface Span {
  from: number;
  to: number;
}

export const day = 86_400_000;
const two = (n: number) => String(n).padStart(2, '0');
export const hhmm = (m: number) => `${two(Math.floor(m / 60))}:${two(m % 60)}`;

/** Reads 08:00-12:00, 13:30-17:30; undefined when it is not of that form or runs backward. */
export function parseSpans(text: string): Span[] | undefined {
  const parts = text
    .replaceAll('，', ',')
    .replaceAll('：', ':')
    .replaceAll(/[–—~～\u81f3]/g, '-')
    .split(',')
    .map((p) => p.trim())
    .filter(Boolean);
  const out: Span[] = [];
  let end = 0;
  for (const p of parts) {
    const m = /^(\d{1,2}):(\d{2})\s*-\s*(\d{1,2}):(\d{2})$/.exec(p);
    if (!m) return undefined;
    const [h1, m1, h2, m2] = m.slice(1).map(Number) as [number, number, number, number];
    const s = { from: h1 * 60 + m1, to: h2 * 60 + m2 };
    if (m1 > 59 || m2 > 59 || s.from < end || s.to <= s.from || s.to > 1440) return undefined;
    end = s.to;
    out.push(s);
  }
  return out;
}

export const spansText = (spans: readonly Span[]): string =>
  spans.map((s) => `${hhmm(s.from)}-${hhmm(s.to)}`).join(', ');

/** Monday of the week of a moment, 00:00 in Shanghai. */
export function mondayOf(t: number): number {
  const start = startOfDay(t);
  const weekday = (Math.round((start + 8 * 3_600_000) / day) + 4) % 7; // 1970-01-01 was a Thursday; 0 is Sunday
  return start - ((weekday + 6) % 7) * day;
}

/** What a worker's day looks like by pattern and exceptions, absences aside. */
export function dayOf(w: Pick<Worker, 'week' | 'days'>, start: number): { spans: Span[]; except: boolean } {
  const own = w.days.find((d) => d.day === isoDay(start));
  const text = own ? own.spans : (w.week[Math.round((start - mondayOf(start)) / day)] ?? '');
  return { spans: parseSpans(text) ?? [], except: own !== undefined };
}

/** Absences that touch a day. */
export const awayOn = (w: Pick<Worker, 'absences'>, start: number): Absence[] =>
  w.absences.filter((a) => (millis(a.from) ?? 0) < start + day && (millis(a.to) ?? 0) > start);

/** The part of a day an absence takes, in minutes since midnight. */
export function partOf(a: Absence, start: number): Span {
  const minute = (t: number) => Math.round((t - start) / 60_000);
  return {
    from: Math.max(0, minute(millis(a.from) ?? start)),
    to: Math.min(1440, minute(millis(a.to) ?? start + day)),
  };
}

/** Hours planned in the week that begins on this Monday, absences taken out. */
export function hoursIn(w: Pick<Worker, 'week' | 'days' | 'absences'>, monday: number): number {
  let minutes = 0;
  for (let i = 0; i < 7; i++) {
    const start = monday + i * day;
    const holes = awayOn(w, start).map((a) => partOf(a, start));
    for (const s of dayOf(w, start).spans) {
      const lost = holes.reduce(
        (n, h) => n + Math.max(0, Math.min(s.to, h.to) - Math.max(s.from, h.from)),
        0,
      );
      minutes += Math.max(0, s.to - s.from - lost);
    }
  }
  return minutes / 60;
}

/** The week with one weekday of its pattern changed, or the days with one date changed. */
export function withPattern(w: Pick<Worker, 'week' | 'days'>, weekday: number, spans: string) {
  return { week: w.week.map((s, i) => (i === weekday ? spans : s)), days: w.days };
}
export function withDay(w: Pick<Worker, 'week' | 'days'>, start: number, spans: string | undefined) {
  const date = isoDay(start);
  const others = w.days.filter((d) => d.day !== date);
  return {
    week: w.week,
    days:
      spans === undefined
        ? others
        : [...others, { day: date, spans }].sort((a, b) => (a.day < b.day ? -1 : 1)),
  };
}

/** From now to the end of the day n days from today: what 请假 means when nothing else is said. */
export function absenceFor(now: number, fromDay: number, days: number): { from: string; to: string } {
  const today = startOfDay(now);
  const from = fromDay === 0 ? now : today + fromDay * day;
  return { from: new Date(from).toISOString(), to: new Date(today + (fromDay + days) * day).toISOString() };
}

/** 07:00–15:30 of the day the moment lies in, for one line. */
export const between = (from: string | undefined, to: string | undefined): string =>
  `${clock(from)}–${clock(to)}`;
