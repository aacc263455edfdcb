import { describe, expect, it } from 'vitest';
import { tiesOf } from '@/design/console/lanes';
import type { Order, Stop, WorkerDay } from './api';
import { candidateRoutes, dayOf, dayRoute, fits, lanesOf, markersOf, rostered } from './board';
import { useText } from './text';

const day = Date.parse('2026-11-23T00:00:00+08:00');
const at = (hhmm: string) => `2026-11-23T${hhmm}:00+08:00`;
const stop = (order: string, from: string, to: string, more: Partial<Stop> = {}): Stop => ({
  order,
  item: 'elder-care',
  spec: 'bathing',
  sla: 'P3',
  place: 'r/001/e/3/1/502',
  at: { lng: 121.49, lat: 31.24 },
  start: at(from),
  end: at(to),
  travel_min: 8,
  promise: { from: at(from), to: at(to) },
  auto: true,
  pair: false,
  ...more,
});
const worker = (id: string, stops: Stop[]): WorkerDay => ({
  worker: id,
  name: id,
  org: 'org_1',
  place: 'r',
  at: { lng: 121.48, lat: 31.23 },
  profile: 'ebike',
  active: true,
  skills: [],
  shifts: [{ from: at('08:00'), to: at('18:00') }],
  load_min: 60,
  stops,
});
const nobody: ReadonlySet<string> = new Set();
const w = {
  t: useText.both.zh,
  spec: () => '助浴',
  item: () => '助老',
  plate: () => '康乐 3-1-502',
  org: () => '康乐护理站',
};

describe('a lane', () => {
  it('holds shift, travel and visit in minutes of the day, with plate, service and promise', () => {
    const [lane] = lanesOf([worker('w1', [stop('o1', '10:00', '10:45')])], nobody, day, w, day);
    expect(lane).toEqual({
      id: 'w1',
      name: 'w1',
      note: '1 单 · 1 小时 · 康乐护理站',
      shifts: [{ from: 480, to: 1080 }],
      blocks: [
        { id: 'o1 travel', from: 592, to: 600, kind: 'travel', label: '', title: '路程 8 分' },
        {
          id: 'o1',
          from: 600,
          to: 645,
          kind: 'visit',
          label: '康乐 3-1-502',
          note: '助浴 10:00–10:45',
          title: '康乐 3-1-502 助浴 10:00–10:45，排在 10:00–10:45，已告知居民',
          told: true,
          pair: false,
          done: false,
          late: false,
        },
      ],
    });
  });

  it('is late when the promise has passed and nobody is there, never once somebody is', () => {
    const b = [
      worker('w1', [stop('o1', '10:00', '10:45'), stop('o2', '08:00', '08:30', { ended: 'finished' })]),
    ];
    const noon = Date.parse(at('12:00'));
    const late = (there: ReadonlySet<string>) =>
      lanesOf(b, there, noon, w, day)[0]
        ?.blocks.filter((x) => x.late)
        .map((x) => x.id);
    expect(late(nobody)).toEqual(['o1']);
    expect(late(new Set(['o1']))).toEqual([]);
  });

  it('ties the two lanes of a visit for two', () => {
    const pair = stop('o1', '10:00', '10:45', { pair: true, travel_min: 0 });
    const lanes = lanesOf(
      [worker('w1', [pair]), worker('w2', []), worker('w3', [pair])],
      nobody,
      day,
      w,
      day,
    );
    expect(tiesOf(lanes)).toEqual([{ id: 'o1', from: 0, to: 2, at: 600 }]);
  });
});

describe('the map', () => {
  const b = [
    worker('w1', [
      stop('o1', '10:00', '10:45'),
      stop('o2', '09:00', '09:30', { ended: 'finished' }),
      stop('o4', '09:00', '09:30'),
    ]),
  ];
  const waiting = [{ id: 'o3', at: { lng: 121.5, lat: 31.2 }, due: { left_ms: -1 } }] as Order[];
  const marks = (now: string, spoken: string[] = [], there = nobody) =>
    markersOf(b, waiting, there, Date.parse(at(now)), spoken, w.plate).map((m) => [
      m.id,
      m.kind,
      m.severity,
      m.label,
      m.crowd,
    ]);

  it('shows what waits, what is late and who is on duty, and nothing else', () => {
    expect(marks('09:45')).toEqual([
      ['o:o4', 'home', 4, undefined, undefined],
      ['w:w1', 'worker', undefined, 'w1', true],
      ['o:o3', 'order', 4, undefined, undefined],
    ]);
    expect(marks('09:45', [], new Set(['o4'])).map((m) => m[0])).toEqual(['w:w1', 'o:o3']);
    expect(marks('20:00').some((m) => m[1] === 'worker')).toBe(false);
  });

  it('shows the day ahead of whom the page speaks, by hour and door, and what is done no more', () => {
    expect(marks('20:00', ['w1'], new Set(['o1', 'o4']))).toEqual([
      ['o:o1', 'home', undefined, '10:00 康乐 3-1-502', undefined],
      ['o:o4', 'home', undefined, '09:00 康乐 3-1-502', undefined],
      ['w:w1', 'worker', undefined, 'w1', false],
      ['o:o3', 'order', 4, undefined, undefined],
    ]);
  });

  it('draws the day as walked and ahead, and leaves out unknown points', () => {
    const routes = dayRoute(
      worker('w1', [
        stop('o2', '09:00', '09:30', { ended: 'finished', at: { lng: 1, lat: 1 } }),
        stop('o0', '09:40', '09:50', { at: { lng: 0, lat: 0 } }),
        stop('o1', '10:00', '10:45', { at: { lng: 2, lat: 2 } }),
      ]),
    );
    expect(routes).toEqual([
      {
        id: 'w1 done',
        path: [
          [121.48, 31.23],
          [1, 1],
        ],
      },
      {
        id: 'w1 ahead',
        planned: true,
        path: [
          [1, 1],
          [2, 2],
        ],
      },
    ]);
    expect(candidateRoutes([worker('w1', []), undefined], { lng: 0, lat: 0 })).toEqual([]);
  });
});

it('counts days from Shanghai midnight', () => {
  expect(dayOf(Date.parse('2026-11-23T17:00:00Z'), 0)).toEqual({
    start: day + 86_400_000,
    date: '2026-11-24',
  });
  expect(dayOf(Date.parse(at('12:00')), 2).date).toBe('2026-11-25');
});

it('finds people by name, organization and skill', () => {
  const l = worker('周敏', []);
  expect([
    fits(l, '周', '', ''),
    fits(l, '护理', '康乐护理站', ''),
    fits(l, '助浴', '', '助浴'),
    fits(l, '电工', '', '助浴'),
  ]).toEqual([true, true, true, false]);
  expect(rostered({ ...l, shifts: [] })).toBe(false);
});
