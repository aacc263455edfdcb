import { describe, expect, it } from 'vitest';
import type { Board } from './api';
import type { History, PastVisit } from './history';
import { boardAt, happened, turnOf, turns } from './replay';

const at = (hhmm: string) => `2026-11-22T${hhmm}:00+08:00`;
const ms = (hhmm: string) => Date.parse(at(hhmm));
const visit = (order: string, worker: string, set: string, more: Partial<PastVisit> = {}): PastVisit => ({
  order,
  worker,
  name: worker,
  item: 'elder-care',
  sla: 'P3',
  place: 'r/001/e/3/1/502',
  at: { lng: 121.4, lat: 31.2 },
  start: at('10:00'),
  end: at('10:45'),
  set_at: at(set),
  ...more,
});
/** o1 goes from w1 to w2 at 09:30 and is finished at 10:50; o2 waits from 09:10, is given out at 09:40 and canceled. */
const day: History = {
  date: '2026-11-22',
  visits: [
    visit('o1', 'w1', '09:00', { ended_at: at('09:30'), ended: 'reassigned' }),
    visit('o1', 'w2', '09:30', { told_at: at('09:35'), ended_at: at('10:50'), ended: 'finished' }),
    visit('o2', 'w1', '09:40', { second: 'w3', ended_at: at('09:50'), ended: 'canceled' }),
  ],
  waits: [{ order: 'o2', from: at('09:10'), to: at('09:40'), reasons: [] }],
  acts: [
    { at: at('09:30'), kind: 'absent', worker: 'w1', by_name: '何青', reason: 'sick' },
    {
      at: at('09:40'),
      kind: 'relax',
      order: 'o2',
      worker: 'w1',
      by_name: '何青',
      reason: 'window:25 家属同意',
    },
  ],
};
const seen = (hhmm: string) => {
  const m = boardAt(day, undefined, ms(hhmm));
  return {
    lanes: m.lanes
      .filter((l) => l.stops.length > 0)
      .map(
        (l) => `${l.worker}: ${l.stops.map((s) => `${s.order}${s.ended ? ' done' : s.told ? ' told' : ''}`)}`,
      ),
    waiting: m.waiting.map((w) => w.order),
    running: m.running,
    finished: m.finished,
  };
};

describe('a past day at a moment', () => {
  it('is empty before anything was set', () => {
    expect(seen('08:59')).toEqual({ lanes: [], waiting: [], running: 0, finished: 0 });
  });
  it('shows a visit with whoever had it then', () => {
    expect(seen('09:15')).toEqual({
      lanes: ['w1: o1'],
      waiting: ['o2'],
      running: 1,
      finished: 0,
    });
    expect(seen('09:30').lanes).toEqual(['w2: o1']); // the very moment belongs to the new one
  });
  it('knows what the resident had been told, and both people of a visit for two', () => {
    expect(seen('09:45')).toEqual({
      lanes: ['w2: o1 told', 'w1: o2', 'w3: o2'],
      waiting: [],
      running: 2,
      finished: 0,
    });
  });
  it('keeps what was finished and forgets what was taken away', () => {
    expect(seen('11:00')).toMatchObject({ lanes: ['w2: o1 done'], running: 0, finished: 1 });
  });
  it('takes shifts and names from the board of that day, and keeps idle lanes', () => {
    const frame = {
      lanes: ['w2', 'w9'].map((worker) => ({
        worker,
        name: `${worker} 名`,
        shifts: [{ from: at('08:00'), to: at('18:00') }],
        stops: [{}, {}],
        skills: [],
        at: { lng: 1, lat: 1 },
      })),
    } as unknown as Board;
    const m = boardAt(day, frame, ms('09:45'));
    expect(m.lanes.map((l) => [l.name, l.shifts.length, l.stops.length])).toEqual([
      ['w2 名', 1, 1],
      ['w9 名', 1, 0],
      ['w1', 0, 1],
      ['—', 0, 1], // nobody told the name
    ]);
    expect(frame.lanes[0]?.stops.length).toBe(2); // the board of the page is left alone
  });
});

describe('turns', () => {
  const all = turns(day);
  it('are every moment at which something changed, once', () => {
    expect(all).toEqual(['09:00', '09:10', '09:30', '09:35', '09:40', '09:50', '10:50'].map(ms));
  });
  it('are counted up to a moment, and between two of them the board stands still', () => {
    expect(['08:00', '09:00', '09:05', '12:00'].map((t) => turnOf(all, ms(t)))).toEqual([0, 1, 1, 7]);
    for (let m = ms('08:00'); m < ms('12:00'); m += 60_000) {
      const turn = turnOf(all, m);
      const begun = turn === 0 ? ms('08:00') : (all[turn - 1] as number);
      expect(boardAt(day, undefined, m)).toEqual(boardAt(day, undefined, begun));
    }
  });
});

it('tells what happened: what people did with their words, and what became of every order', () => {
  const hour = (ms: number) => new Date(ms + 8 * 3_600_000).toISOString().slice(11, 16);
  expect(
    happened(day).map((e) =>
      [hour(e.at), e.kind, e.order, e.worker, e.by, e.reason].filter(Boolean).join(' '),
    ),
  ).toEqual([
    '09:00 assigned o1 w1',
    '09:10 waiting o2',
    '09:30 reassigned o1 w2',
    '09:30 absent w1 何青 sick',
    '09:40 assigned o2 w1',
    '09:40 relax o2 w1 何青 家属同意',
    '09:50 canceled o2 w1',
    '10:50 finished o1 w2',
  ]);
});
