import { beforeEach, describe, expect, it } from 'vitest';
import { setServerNow } from '@/design/clock';
import { setLang } from '@/i18n';
import type { Detail, Understanding } from './api';
import { filterOf, searchOf } from './console/search';
import { draftOf, ready, sortable, triageOf } from './console/useTriage';
import { locate, type Mark, marksOf, segments, whole } from './marks';
import { gone, windowOf } from './mobile/times';
import { fromWall, toWall } from './wall';
import { alike, best, certaintyOf, confidenceOf, deciding, severityOf } from './words';

const now = Date.parse('2026-11-23T16:08:00+08:00');
beforeEach(() => {
  setLang('zh');
  setServerNow(now);
});

const read: Understanding = {
  spec: 'plumbing',
  item: 'home-safety',
  certainty: 0.97,
  least: 0.75,
  urgency: 2,
  words: [
    { text: '水 修一下', source: 'rule', weight: 1.5 },
    { text: '水管爆', source: 'rule', weight: 4 },
    { text: '去年', source: 'correction', weight: -1 },
  ],
  spans: [{ from: 0, to: 2, kind: 'time', text: '明天' }],
};
const demand = (patch: Partial<Detail> = {}): Detail => ({
  id: 'dem_1',
  source: 'ticket',
  state: 'queued',
  rev: 4,
  title: '',
  text: '明天修水管，水管爆了',
  place: '990001001',
  certainty: 0.6,
  confidence: 1,
  urgency: 1,
  why: ['unclear'],
  raised_at: '2026-11-23T09:00:00+08:00',
  submitted_at: '2026-11-23T09:00:00+08:00',
  received_at: '2026-11-23T09:00:00+08:00',
  due_at: '2026-11-23T09:30:00+08:00',
  photos: [],
  voices: 1,
  read,
  similar: [],
  reporters: [],
  history: [],
  ...patch,
});

describe('marking a text', () => {
  it('never loses or changes a character, whatever the marks', () => {
    let seed = 7;
    const next = (n: number) => {
      seed = (seed * 1103515245 + 12345) % 2147483648;
      return seed % n;
    };
    const kinds = ['danger', 'for', 'against', 'fact', 'shared'] as const;
    for (let round = 0; round < 300; round++) {
      const text = Array.from({ length: next(40) }, () => '水管𠮷爆a\n，😀'.at(next(9)) ?? '').join('');
      const marks: Mark[] = Array.from({ length: next(6) }, () => {
        const from = next(50) - 5;
        return { from, to: from + next(12), kind: kinds[next(5)] ?? 'fact' };
      });
      const cut = segments(text, marks);
      expect(cut.map((s) => s.text).join('')).toBe(Array.from(text).join(''));
      expect(cut.every((s, i) => i === 0 || s.kind !== cut[i - 1]?.kind)).toBe(true);
    }
  });
  it('counts characters as the server does and shows danger over all else', () => {
    expect(
      segments('😀着火了', [
        { from: 1, to: 4, kind: 'fact' },
        { from: 1, to: 3, kind: 'danger' },
      ]),
    ).toEqual([
      { text: '😀', kind: undefined },
      { text: '着火', kind: 'danger' },
      { text: '了', kind: 'fact' },
    ]);
  });
  it('finds every place of a word, and each word of a rule that needs several', () => {
    expect(locate('水管漏水', ['水'], 'for').map((m) => m.from)).toEqual([0, 3]);
    const kinds = new Set(marksOf('明天修一下，去年水管爆过', read).map((m) => m.kind));
    expect(kinds).toEqual(new Set(['for', 'against', 'fact']));
  });
  it('joins title and body as the server counts them', () => {
    expect([
      whole({ title: 'a', text: 'b' }),
      whole({ title: '', text: 'b' }),
      whole({ title: 'a', text: '' }),
    ]).toEqual(['a\nb', 'b', 'a']);
  });
});

describe('certainty in words', () => {
  it('has four steps; from the threshold on no clerk is asked', () => {
    expect([0.99, 0.8, 0.6, 0.2].map((p) => certaintyOf(p))).toEqual(['sure', 'fair', 'weak', 'none']);
    expect(certaintyOf(0.8, 0.9)).toBe('weak');
  });
  it('names the deciding words once, the strongest first, and whether a clerk taught them', () => {
    expect(deciding(read)).toEqual({ for: ['水管爆', '水', '修一下'], against: ['去年'], taught: true });
    expect(best({ ...read, spec: undefined, guesses: [{ office: 'police', p: 0.4 }] })).toEqual({
      office: 'police',
      p: 0.4,
    });
  });
  it('says how far sources are to be believed and texts alike', () => {
    expect([1, 0.94, 0.8, 0.5].map((confidence) => confidenceOf({ confidence, voices: 1 }))).toEqual([
      'full',
      'high',
      'mid',
      'low',
    ]);
    expect([0.95, 0.7, 0.4].map(alike)).toEqual(['high', 'mid', 'low']);
  });
  it('grades danger that nobody has looked at above all', () => {
    expect(severityOf({ attention: true, urgency: 1, state: 'queued' })).toBe(5);
    expect(severityOf({ urgency: 3, state: 'queued' })).toBe(4);
    expect(severityOf({ urgency: 1, state: 'queued' })).toBeUndefined();
  });
});

describe('a clerk’s decision', () => {
  it('starts from what was read, and asks where when only a street is known', () => {
    expect(draftOf(demand())).toMatchObject({
      mode: 'order',
      spec: 'plumbing',
      place: undefined,
      urgency: 1,
    });
    expect(draftOf(demand({ office: 'housing', spec: undefined })).mode).toBe('refer');
  });
  it('sends only what was changed, with the revision looked at', () => {
    const d = demand({ place: '990001001001/003/kangle', resident: 'res_1' });
    expect(triageOf(d, draftOf(d))).toEqual({ spec: 'plumbing', rev: 4 });
    const f = { ...draftOf(d), urgency: 2, from: '2026-11-24T00:00:00.000Z' };
    expect(triageOf(d, f)).toEqual({
      spec: 'plumbing',
      rev: 4,
      urgency: 2,
      wish_from: '2026-11-24T00:00:00.000Z',
    });
    expect(triageOf(d, { ...f, mode: 'refer', office: 'police' })).toEqual({ refer: 'police', rev: 4 });
  });
  it('needs a service or an office, and only open demands take one', () => {
    const f = draftOf(demand());
    expect([ready(f), ready({ ...f, spec: undefined }), ready({ ...f, mode: 'refer' })]).toEqual([
      true,
      false,
      false,
    ]);
    expect(
      (['queued', 'referred', 'ordered', 'merged', 'closed'] as const).map((state) =>
        sortable(demand({ state })),
      ),
    ).toEqual([true, true, false, false, false]);
  });
});

it('the address of the inbox keeps what it knows', () => {
  const s = searchOf({ show: 'going', source: 'ticket', mark: 'near', q: 12, item: '', bad: 1 });
  expect(s).toEqual({ show: 'going', source: 'ticket', mark: 'near', q: '12' });
  expect(filterOf(s)).toMatchObject({ state: 'ready,ordered', near: true, attention: false });
  expect(filterOf({ mark: 'danger' }, '990001001002')).toMatchObject({
    state: undefined,
    attention: true,
    place: '990001001002',
  });
  expect(filterOf({})).toMatchObject({ state: 'queued', sort: undefined });
});

it('times are written and read in Shanghai, wherever the browser stands', () => {
  expect(toWall('2026-11-23T16:08:00+08:00')).toBe('2026-11-23T16:08');
  expect(fromWall('2026-11-23T16:08')).toBe('2026-11-23T08:08:00.000Z');
  expect([toWall(undefined), fromWall(''), fromWall('soon')]).toEqual(['', undefined, undefined]);
});

it('parts of the day lie in Shanghai; what is nearly over is no wish anymore', () => {
  expect(windowOf(1, 'afternoon', now)).toEqual({
    from: '2026-11-24T06:00:00.000Z',
    to: '2026-11-24T09:00:00.000Z',
  });
  expect([
    gone(0, 'morning', now),
    gone(0, 'afternoon', now),
    gone(0, 'evening', now),
    gone(1, 'morning', now),
  ]).toEqual([true, true, false, false]);
});
