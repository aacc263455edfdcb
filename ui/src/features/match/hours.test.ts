import { describe, expect, it } from 'vitest';
import type { Booking, Facility, Slot } from './api';
import {
  bookable,
  bookingsOn,
  byCode,
  byDay,
  checkInOpen,
  filtered,
  hoursOf,
  hoursWords,
  meters,
  openingsOf,
  running,
  stateOf,
  wrong,
} from './hours';
import { useText } from './text';

const { zh, en } = useText.both;
const h = (day: number, from: number, to: number) => ({ day, from_min: from * 60, to_min: to * 60 });
const at = (hhmm: string, day = '23') => `2026-11-${day}T${hhmm}:00+08:00`;
const slot = (from: string, to: string, more: Partial<Slot> = {}): Slot => ({
  facility: 'fac_1',
  start: at(from),
  end: at(to),
  capacity: 4,
  booked: 1,
  used: 0,
  ...more,
});
const booking = (id: string, from: string, more: Partial<Booking> = {}): Booking => ({
  id,
  facility: 'fac_1',
  start: at(from),
  end: at('23:00'),
  order: 'ord_1',
  place: 'r',
  persons: 2,
  state: 'booked',
  rev: 1,
  ...more,
});

describe('open hours', () => {
  it('read like on a door', () => {
    const week = [1, 2, 3, 4, 5].map((d) => h(d, 8, 17));
    expect(hoursWords([...week, h(6, 9, 12)], zh)).toBe('周一至周五 08:00–17:00；周六 09:00–12:00');
    expect(hoursWords([h(0, 8, 24), h(3, 8, 24), h(1, 8, 24)], zh)).toBe('周一、周三、周日 08:00–24:00');
    expect(
      hoursWords(
        [0, 1, 2, 3, 4, 5, 6].map((d) => h(d, 6, 22)),
        en,
      ),
    ).toBe('Every day 06:00–22:00');
    expect(hoursWords([], zh)).toBe('没有开放时间');
  });

  it('survive the way through the form', () => {
    const hours = [h(1, 8, 12), h(1, 14, 18), h(2, 8, 12), h(0, 9, 10)];
    const back = hoursOf(openingsOf(hours));
    const sorted = (x: typeof hours) => [...x].sort((a, b) => a.day - b.day || a.from_min - b.from_min);
    expect(sorted(back)).toEqual(sorted(hours));
  });

  it('are refused when they end before they begin or hold on no day', () => {
    expect(
      [
        { days: [1], from: 600, to: 600 },
        { days: [], from: 0, to: 60 },
        { days: [1], from: 0, to: 60 },
      ].map(wrong),
    ).toEqual([true, true, false]);
  });
});

describe('a slot', () => {
  const now = Date.parse(at('10:30'));
  it('is free, full, closed or past', () => {
    const states = [
      slot('11:00', '12:00'),
      slot('11:00', '12:00', { booked: 4 }),
      slot('11:00', '12:00', { booked: 4, closed: 'weather' }),
      slot('09:00', '10:30', { closed: 'weather' }),
    ].map((s) => stateOf(s, now));
    expect(states).toEqual(['free', 'full', 'closed', 'past']);
  });
  it('that has begun is not booked any more', () => {
    expect([bookable(slot('10:00', '11:00'), now), bookable(slot('11:00', '12:00'), now)]).toEqual([
      false,
      true,
    ]);
  });
  it('that runs takes those who simply come, unless it is closed', () => {
    const came = (from: string, to: string, more?: Partial<Slot>) => running(slot(from, to, more), now);
    expect(came('10:00', '11:00')).toBe(true);
    expect(came('10:30', '11:00')).toBe(true);
    expect([came('11:00', '12:00'), came('09:00', '10:30')]).toEqual([false, false]);
    expect(came('10:00', '11:00', { closed: 'weather' })).toBe(false);
  });
  it('belongs to the Shanghai day it begins on', () => {
    const days = byDay([slot('23:30', '23:59'), { ...slot('08:00', '09:00'), start: at('00:10', '24') }]);
    expect(days.map((d) => d.slots.length)).toEqual([1, 1]);
  });
});

describe('bookings', () => {
  it('stand by time, those called off last', () => {
    const all = [
      booking('c', '09:00', { state: 'canceled' }),
      booking('b', '11:00'),
      booking('a', '10:00'),
      booking('x', '10:00', { start: at('10:00', '24') }),
    ];
    expect(bookingsOn(all, Date.parse(at('00:00'))).map((b) => b.id)).toEqual(['a', 'b', 'c']);
  });
  it('are found by code only while they are expected', () => {
    const all = [
      booking('a', '10:00', { code: '123456', state: 'checked_in' }),
      booking('b', '11:00', { code: '654321' }),
    ];
    expect([byCode(all, '123456'), byCode(all, '654321')?.id]).toEqual([undefined, 'b']);
  });
  it('open for check-in 30 minutes before the slot', () => {
    const b = booking('a', '11:00');
    expect(
      [at('10:29'), at('10:30'), at('22:59'), at('23:00')].map((t) => checkInOpen(b, Date.parse(t))),
    ).toEqual([false, true, true, false]);
  });
});

it('measures the way from home, and says nothing without a home', () => {
  const a = { lng: 121.49, lat: 31.24 };
  expect(Math.round(meters(a, { lng: 121.49, lat: 31.249 }) ?? 0)).toBe(1001);
  expect(meters({ lng: 0, lat: 0 }, a)).toBeUndefined();
});

it('filters by kind, community and words of its services', () => {
  const f = (id: string, more: Partial<Facility>): Facility => ({
    id,
    kind: 'court',
    name: id,
    place: '990001001001/001/e/1',
    at: { lng: 0, lat: 0 },
    specs: ['badminton'],
    capacity: 4,
    slot_min: 60,
    hours: [],
    step_free: true,
    active: true,
    rev: 1,
    ...more,
  });
  const all = [f('甲', {}), f('乙', { kind: 'gym', specs: ['gym'] }), f('丙', { place: '990001001002/001' })];
  const ids = (x: Parameters<typeof filtered>[1]) =>
    filtered(all, x, (c) => ({ badminton: '羽毛球' })[c] ?? c).map((x) => x.id);
  expect([ids({ kind: 'gym' }), ids({ place: '990001001002' }), ids({ q: '羽毛' }), ids({})]).toEqual([
    ['乙'],
    ['丙'],
    ['甲', '丙'],
    ['甲', '乙', '丙'],
  ]);
});
