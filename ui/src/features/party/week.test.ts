import { describe, expect, it } from 'vitest';
import {
  absenceFor,
  awayOn,
  day,
  dayOf,
  hoursIn,
  mondayOf,
  parseSpans,
  partOf,
  spansText,
  withDay,
  withPattern,
} from './week';

const at = (s: string) => Date.parse(`${s}+08:00`);
const monday = at('2026-11-23T00:00:00');
const week = ['08:00-12:00, 13:30-17:30', '08:00-12:00', '', '00:00-24:00', '', '', ''];

describe('spans', () => {
  it('are read as people write them and written as the server reads them', () => {
    expect(spansText(parseSpans('8:00－12:00'.replace('－', '-')) ?? [])).toBe('08:00-12:00');
    expect(spansText(parseSpans('08：00～12：00，13:30至17:30') ?? [])).toBe('08:00-12:00, 13:30-17:30');
    expect(parseSpans('')).toEqual([]);
  });
  it('that overlap, run backward or leave the day are refused', () => {
    for (const bad of ['08:00-12:00, 11:00-13:00', '12:00-08:00', '08:00-25:00', '8-12', '08:60-09:00']) {
      expect(parseSpans(bad)).toBeUndefined();
    }
  });
});

describe('a week', () => {
  it('begins on Monday in Shanghai, also late on Sunday', () => {
    expect(mondayOf(at('2026-11-23T00:00:00'))).toBe(monday);
    expect(mondayOf(at('2026-11-29T23:59:59'))).toBe(monday);
    expect(mondayOf(at('2026-11-22T23:59:59'))).toBe(monday - 7 * day);
  });
  it('gives way to days that differ from it', () => {
    const w = { week, days: [{ day: '2026-11-24', spans: '' }] };
    expect(dayOf(w, monday)).toEqual({
      spans: [
        { from: 480, to: 720 },
        { from: 810, to: 1050 },
      ],
      except: false,
    });
    expect(dayOf(w, monday + day)).toEqual({ spans: [], except: true });
    expect(dayOf(w, monday + 8 * day).spans).toEqual([{ from: 480, to: 720 }]);
  });
  it('loses the hours of an absence and no others', () => {
    const absences = [
      { id: 'a', kind: 'sick' as const, from: '2026-11-23T10:00:00+08:00', to: '2026-11-24T00:00:00+08:00' },
    ];
    expect(hoursIn({ week, days: [], absences: [] }, monday)).toBe(8 + 4 + 24);
    expect(hoursIn({ week, days: [], absences }, monday)).toBe(2 + 4 + 24);
    expect(awayOn({ absences }, monday)).toHaveLength(1);
    expect(awayOn({ absences }, monday + day)).toHaveLength(0);
    const [first] = absences;
    expect(first && partOf(first, monday)).toEqual({ from: 600, to: 1440 });
  });
  it('is changed for one weekday or for one date, and a date can follow the week again', () => {
    const w = { week, days: [{ day: '2026-11-30', spans: '' }] };
    expect(withPattern(w, 2, '09:00-10:00').week[2]).toBe('09:00-10:00');
    const once = withDay(w, monday, '09:00-10:00');
    expect(once.days).toEqual([
      { day: '2026-11-23', spans: '09:00-10:00' },
      { day: '2026-11-30', spans: '' },
    ]);
    expect(withDay(once, monday, undefined).days).toEqual(w.days);
  });
});

it('an absence of today begins now and ends at midnight; a later one takes whole days', () => {
  const now = at('2026-11-23T16:08:00');
  expect(absenceFor(now, 0, 1)).toEqual({
    from: '2026-11-23T08:08:00.000Z',
    to: '2026-11-23T16:00:00.000Z',
  });
  expect(absenceFor(now, 1, 2)).toEqual({
    from: '2026-11-23T16:00:00.000Z',
    to: '2026-11-25T16:00:00.000Z',
  });
});
