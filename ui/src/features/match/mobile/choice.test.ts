import { expect, it } from 'vitest';
import type { Facility, Slot } from '../api';
import { useText } from '../text';
import { daysOf, nearFirst, offered } from './choice';

const t = useText.both.zh.h;
const facility = (id: string, more: Partial<Facility> = {}): Facility => ({
  id,
  kind: 'elder-canteen',
  name: id,
  place: 'r',
  at: { lng: 121.49, lat: 31.24 },
  specs: ['dine-in'],
  capacity: 20,
  slot_min: 30,
  hours: [],
  step_free: true,
  active: true,
  rev: 1,
  ...more,
});
const spec = (code: string, more = {}) => ({
  code,
  zh: code,
  en: code,
  item: 'dining',
  mode: 'facility' as const,
  minutes: 30,
  persons: 1,
  ...more,
});

it('offers only what some facility in use has', () => {
  const specs = [
    spec('dine-in'),
    spec('court'),
    spec('bath', { mode: 'worker' }),
    spec('gone', { off: true }),
  ];
  const all = [
    facility('a'),
    facility('b', { specs: ['court'], active: false }),
    facility('c', { specs: ['bath', 'gone'] }),
  ];
  expect(offered(specs, all).map((s) => s.code)).toEqual(['dine-in']);
});

it('puts the nearest house first, and keeps still without a home', () => {
  const all = [
    facility('远', { at: { lng: 121.5, lat: 31.24 } }),
    facility('近'),
    facility('别的', { specs: ['court'] }),
  ];
  const home = { lng: 121.489, lat: 31.24 };
  expect(nearFirst(all, 'dine-in', home).map((n) => n.facility.name)).toEqual(['近', '远']);
  expect(nearFirst(all, 'dine-in', undefined).every((n) => n.meters === undefined)).toBe(true);
});

it('shows full slots as full and hides what began, is closed, or leaves a day empty', () => {
  const now = Date.parse('2026-11-23T11:40:00+08:00');
  const slot = (from: string, booked: number, closed?: string): Slot => ({
    facility: 'a',
    start: `2026-11-${from}:00+08:00`,
    end: `2026-11-${from}:00+08:00`,
    capacity: 20,
    booked,
    used: 0,
    closed,
  });
  const days = daysOf(
    [
      slot('23T11:30', 3),
      slot('23T12:00', 20),
      slot('24T11:00', 5),
      slot('25T11:00', 0, 'weather'),
      slot('26T11:00', 0),
    ],
    now,
    t,
  );
  expect(days.map((d) => [d.title, d.slots.map((s) => [s.title, s.note, s.disabled])])).toEqual([
    ['今天', [['12:00', '满了', true]]],
    ['明天', [['11:00', '剩 15 位', false]]],
    ['周四 26', [['11:00', '剩 20 位', false]]],
  ]);
});
