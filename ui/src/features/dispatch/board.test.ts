import { describe, expect, it } from 'vitest';
import { tiesOf } from '@/design/console/lanes';
import type { Board, Order, Stop, WorkerDay } from './api';
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
const board = (...lanes: WorkerDay[]): Board => ({ as_of: at('12:00'), approx: true, lanes, waiting: [] });
const w = {
  t: useText.both.zh,
  spec: () => '助浴',
  plate: () => '康乐 3-1-502',
  org: () => '康乐护理站',
};

describe('a lane', () => {
  it('holds shift, travel and visit in minutes of the day, with plate, service and promise', () => {
    const [lane] = lanesOf(board(worker('w1', [stop('o1', '10:00', '10:45')])), new Map(), day, w, day);
    expect(lane).toEqual({
      id: 'w1',
      name: 'w1',
      note: '1 单 · 1 小时 · 康乐护理站',
      shifts: [{ from: 480, to: 1080 }],
      blocks: [
        { id: 'o1 travel', from: 592, to: 600, kind: 'travel', label: '' },
        {
          id: 'o1',
          from: 600,
          to: 645,
          kind: 'visit',
          label: '康乐 3-1-502',
          note: '助浴 10:00–10:45',
          told: true,
          pair: false,
          done: false,
          late: false,
        },
      ],
    });
  });

  it('is late when the promise has passed and nobody is there, never once somebody is', () => {
    const b = board(
      worker('w1', [stop('o1', '10:00', '10:45'), stop('o2', '08:00', '08:30', { ended: 'finished' })]),
    );
    const noon = Date.parse(at('12:00'));
    const late = (orders: Map<string, Order>) =>
      lanesOf(b, orders, noon, w, day)[0]
        ?.blocks.filter((x) => x.late)
        .map((x) => x.id);
    expect(late(new Map())).toEqual(['o1']);
    expect(late(new Map([['o1', { id: 'o1', state: 'arrived' } as Order]]))).toEqual([]);
  });

  it('ties the two lanes of a visit for two', () => {
    const pair = stop('o1', '10:00', '10:45', { pair: true, travel_min: 0 });
    const lanes = lanesOf(
      board(worker('w1', [pair]), worker('w2', []), worker('w3', [pair])),
      new Map(),
      day,
      w,
      day,
    );
    expect(tiesOf(lanes)).toEqual([{ id: 'o1', from: 0, to: 2, at: 600 }]);
  });
});

describe('the map', () => {
  it('shows who is on duty, what waits and what is planned, and what is done no more', () => {
    const b = board(
      worker('w1', [stop('o1', '10:00', '10:45'), stop('o2', '09:00', '09:30', { ended: 'finished' })]),
    );
    const waiting = [{ id: 'o3', at: { lng: 121.5, lat: 31.2 }, due: { left_ms: -1 } }] as Order[];
    const marks = markersOf(b.lanes, waiting, Date.parse(at('09:45')));
    expect(marks.map((m) => [m.id, m.kind, m.severity])).toEqual([
      ['o:o1', 'home', undefined],
      ['w:w1', 'worker', undefined],
      ['o:o3', 'order', 4],
    ]);
    expect(markersOf(b.lanes, [], Date.parse(at('20:00'))).some((m) => m.kind === 'worker')).toBe(false);
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
