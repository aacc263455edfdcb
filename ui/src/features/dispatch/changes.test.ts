import { beforeAll, describe, expect, it } from 'vitest';
import { setLang } from '@/i18n';
import type { Change, Cost, Option, Preview, Relaxation } from './api';
import {
  changeSides,
  costLines,
  outcomeLine,
  pricePreview,
  promiseWord,
  relaxEffect,
  relaxWords,
  signed,
  sortChanges,
} from './changes';
import { useText } from './text';

const { zh, en } = useText.both;
const at = (hhmm: string) => `2026-11-23T${hhmm}:00+08:00`;
const today = Date.parse(at('09:00'));
const names = { worker: (id: string) => ({ wkr_1: '王芳' })[id] ?? '—', skill: () => '护理等级' };
const door = (place: string) => place;

const change = (order: string, more: Partial<Change> = {}): Change => ({
  order,
  item: 'elder-care',
  spec: 'bathing',
  sla: 'P3',
  place: '康乐 3-502',
  from_worker: 'wkr_1',
  from_name: '王芳',
  from_start: at('10:40'),
  to_worker: 'wkr_2',
  to_name: '李娜',
  to_start: at('11:20'),
  told: false,
  promise: false,
  reasons: [],
  ...more,
});
const waits = { to_worker: undefined, to_name: undefined, to_start: undefined };

beforeAll(() => setLang('zh'));

describe('a change', () => {
  it('says who and when, before and after', () => {
    expect(changeSides(change('o1'), zh, today)).toEqual({ before: '王芳 10:40', after: '李娜 11:20' });
  });
  it('names the day of another day, and what waits', () => {
    const c = change('o1', { ...waits, from_start: '2026-11-25T10:40:00+08:00' });
    expect(changeSides(c, zh, today)).toEqual({ before: '王芳 11 月 25 日 10:40', after: '待派' });
    const fresh = change('o1', { from_worker: undefined, from_name: undefined, from_start: undefined });
    expect(changeSides(fresh, zh, today).before).toBe('待派');
  });
  it('tells a promise that moves from one that is lost', () => {
    expect(promiseWord(change('o1'), zh)).toBeUndefined();
    expect(promiseWord(change('o1', { promise: true }), zh)).toBe('约定要改');
    expect(promiseWord(change('o1', { promise: true, ...waits }), zh)).toBe('约定落空');
  });
  it('stands by what it costs the residents: promises, what was told, the hour', () => {
    const rows = [
      change('late', { from_start: at('15:00') }),
      change('told', { told: true }),
      change('early'),
      change('promise', { promise: true, from_start: at('18:00') }),
    ];
    expect(sortChanges(rows).map((c) => c.order)).toEqual(['promise', 'told', 'early', 'late']);
    expect(rows[0]?.order).toBe('late'); // the answer itself is left alone
  });
});

describe('an outcome in a line', () => {
  const line = (...changes: Change[]) => outcomeLine({ changes }, zh);
  it('counts the changes and how many of them were told', () => {
    expect(line(change('1'), change('2'), change('3'), change('4'))).toBe('改动 4 单，其中已告知 0 单');
    expect(line()).toBe('不用改动任何一单。');
  });
  it('adds promises and whoever is left without anybody', () => {
    expect(line(change('1', { told: true, promise: true, ...waits }), change('2'))).toBe(
      '改动 2 单，其中已告知 1 单，要改约定 1 单，没人能去 1 单',
    );
    expect(outcomeLine({ changes: [change('1')] }, en)).toBe('1 order changes, 0 of them told');
  });
  it('does not blame a change for an order that waited before', () => {
    expect(line(change('1', { ...waits, from_worker: undefined, from_name: undefined }))).toBe(
      '改动 1 单，其中已告知 0 单',
    );
  });
});

describe('the cost of a plan', () => {
  const cost = (more: Partial<Cost> = {}): Cost => ({
    unserved: [0, 0, 1, 1],
    broken: 0,
    late_min: 0,
    travel_min: 200.4,
    other_min: 0,
    ...more,
  });
  it('is told against the one before', () => {
    const lines = costLines(cost(), cost({ travel_min: 116, unserved: [0, 0, 0, 3] }), zh);
    expect(lines).toEqual([
      { name: '总路程', change: '−84 分', detail: '200 → 116 分', worse: false },
      { name: '超时', change: '0', detail: undefined, worse: false },
      { name: '失约', change: '0', detail: undefined, worse: false },
      { name: '没人能去', change: '+1 单', detail: '2 → 3 单', worse: true },
    ]);
  });
  it('writes differences with a real minus', () => {
    expect([6, -84, 0, 0.2, -1234].map(signed)).toEqual(['+6', '−84', '0', '0', '−1,234']);
  });
});

describe('the price before the drop', () => {
  const option = (more: Partial<Option> = {}): Option => ({
    worker: 'wkr_2',
    name: '李娜',
    start: at('11:20'),
    promise: { from: at('11:20'), to: at('11:40') },
    minutes: 6,
    travel_min: 6,
    late_min: 0,
    broken: 0,
    reasons: [],
    ...more,
  });
  const says = (p: Partial<Preview>, current?: { code: string }[]) =>
    pricePreview({ changes: [], ...p }, current, door, zh).map((l) => (l.warn ? `! ${l.text}` : l.text));

  it('is split into way, lateness and continuity of care', () => {
    expect(says({ option: option() }, [{ code: 'same-carer' }])).toEqual([
      '+6 分路程',
      '无超时',
      '! 连续照护断开',
    ]);
    expect(
      says({ option: option({ travel_min: 0, late_min: 12, reasons: [{ code: 'same-carer' }] }) }),
    ).toEqual(['不多走路', '! 晚 12 分', '连续照护不断']);
    expect(says({ option: option({ travel_min: -4.6 }) })[0]).toBe('−5 分路程');
  });
  it('names whose promise it would take, promises first', () => {
    const changes = [change('a', { place: '河埠里 1-201' }), change('b', { promise: true })];
    expect(says({ changes })).toEqual(['! 会挤掉 康乐 3-502 的约定', '会改动 河埠里 1-201，约定不变']);
  });
  it('does not speak of the order itself as of somebody else', () => {
    const own = change('o9', { promise: true });
    expect(pricePreview({ changes: [own] }, undefined, door, zh, 'o9', today).map((l) => l.text)).toEqual([
      '这一单的约定改到 11:20',
    ]);
  });
  it('counts broken promises when nobody named them, once', () => {
    expect(says({ option: option({ broken: 2 }) })).toContain('! 会误 2 个已约好的服务');
    expect(says({ option: option({ broken: 1 }), changes: [change('b', { promise: true })] })).toEqual([
      '+6 分路程',
      '无超时',
      '! 会挤掉 康乐 3-502 的约定',
    ]);
  });
});

describe('what could give way', () => {
  const relax = (kind: Relaxation['kind'], value: number, more: Partial<Relaxation> = {}): Relaxation => ({
    id: kind,
    kind,
    value,
    worker: 'wkr_1',
    name: '王芳',
    option: {
      worker: 'wkr_1',
      name: '王芳',
      start: at('10:40'),
      promise: { from: at('10:40'), to: at('11:00') },
      minutes: 0,
      travel_min: 0,
      late_min: 25,
      broken: 0,
      reasons: [],
    },
    ...more,
  });
  const words = (r: Relaxation, of?: string, t = zh) => relaxWords(r, of, names, t, today);

  it('reads as the button a dispatcher would press', () => {
    expect(words(relax('window', 25))).toBe('时间放宽 25 分，可由王芳 10:40 到');
    expect(words(relax('window', -25))).toBe('时间提前 25 分，可由王芳 10:40 到');
    expect(words(relax('level', 1, { skill: 'care' }))).toBe('护理等级要求降 1 级，可由王芳去，10:40 到');
    expect(words(relax('overtime', 30))).toBe('王芳加班 30 分，10:40 到');
    expect(words(relax('exclusion', 0, { option: undefined }))).toBe('居民同意的话，可由王芳去');
    expect(words(relax('displace', 0), '康乐 3-502')).toBe('挤掉 康乐 3-502 的约定，由王芳去，10:40 到');
    expect(words(relax('displace', 0))).toBe('挤掉一个较缓的约定，由王芳去，10:40 到');
  });
  it('takes the name from the board where the answer has none', () => {
    expect(words(relax('overtime', 30, { name: undefined }))).toMatch(/^王芳加班/);
  });
  it('has words for the button and for what it changes in both languages', () => {
    for (const kind of ['window', 'level', 'overtime', 'exclusion', 'displace'] as const) {
      for (const t of [zh, en]) {
        expect(words(relax(kind, 2), '康乐 3-502', t)).toMatch(/王芳/);
        expect(relaxEffect(relax(kind, 2), '康乐 3-502', names, t, today).length).toBeGreaterThan(10);
      }
    }
    expect(relaxEffect(relax('window', 25), '', names, zh, today)).toContain('晚 25 分，改为 10:40');
  });
});
