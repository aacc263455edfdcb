import { afterEach, describe, expect, it } from 'vitest';
import { setLang } from '@/i18n';
import * as f from './format';

const at = Date.parse('2026-11-23T16:08:31+08:00');
const minute = 60_000;

afterEach(() => setLang('zh'));

describe('numbers', () => {
  it('are grouped, never invented: missing is a dash', () => {
    expect([f.count(1089), f.count(0), f.count(undefined), f.count(null)]).toEqual(['1,089', '0', '—', '—']);
    expect([f.percent(0.917), f.percent(1), f.percent(undefined)]).toEqual(['91.7%', '100.0%', '—']);
    expect([f.points(0.021), f.points(-0.0049)]).toEqual(['+2.1 个百分点', '-0.5 个百分点']);
  });
  it('money comes from fen, with its unit in headlines', () => {
    expect([f.yuan(123450), f.yuan(-1205), f.amount(1250), f.amount(126_400_000)]).toEqual([
      '1,234.50',
      '-12.05',
      '12.50 元',
      '126.4 万元',
    ]);
  });
  it('distances are meters, then kilometers', () => {
    expect([f.distance(319.6), f.distance(1240), f.distance(undefined)]).toEqual(['320 米', '1.2 公里', '—']);
  });
});

describe('times', () => {
  it('durations have no decimals of hours', () => {
    const said = [20_000, 4 * minute, 80 * minute, 120 * minute, 72 * 60 * minute].map(f.duration);
    expect(said).toEqual(['不到 1 分', '4 分', '1 小时 20 分', '2 小时', '3 天']);
  });
  it('moments are said from the server’s today, in Shanghai time', () => {
    const said = [0, -7 * 60, -31 * 60, 20 * 60, -72 * 60, -400 * 24 * 60].map((m) =>
      f.moment(at + m * minute, at),
    );
    expect(said).toEqual([
      '今天 16:08',
      '今天 09:08',
      '昨天 09:08',
      '明天 12:08',
      '11 月 20 日 16:08',
      '2025-10-19',
    ]);
  });
  it('spans name the day once', () => {
    expect(f.span(at, at + 60 * minute, at)).toBe('今天 16:08–17:08');
    expect(f.span(at, at + 12 * 60 * minute, at)).toBe('今天 16:08 – 明天 04:08');
    expect(f.span(undefined, at, at)).toBe('今天 16:08 前');
  });
  it('an elder reads half days', () => {
    const said = ['06:30', '12:20', '16:20', '20:05', '00:10'].map((h) =>
      f.spoken(`2026-11-23T${h}:00+08:00`),
    );
    expect(said).toEqual(['上午 6:30', '中午 12:20', '下午 4:20', '晚上 8:05', '凌晨 12:10']);
  });
  it('the audit trail is exact; what is not yet is a dash', () => {
    expect(f.exact(at)).toBe('2026-11-23 16:08:31');
    expect(['', 0, null, undefined, '0001-01-01T00:00:00Z', 'nonsense'].map((t) => f.exact(t))).toEqual(
      Array(6).fill('—'),
    );
  });
  it('English says the same', () => {
    setLang('en');
    expect([f.moment(at, at), f.duration(80 * minute), f.amount(1250), f.spoken(at)]).toEqual([
      'Today 16:08',
      '1 h 20 min',
      '¥12.50',
      '4:08 pm',
    ]);
  });
});

it('an address becomes a door plate, anything else stays', () => {
  expect(
    ['康乐路17号1单元304室', '河埠里48号', '康乐路 6 号 103 室', '永安 12-2-301', '康乐社区'].map(
      f.plateLabel,
    ),
  ).toEqual(['康乐路 17-1-304', '河埠里 48', '康乐路 6-103', '永安 12-2-301', '康乐社区']);
});

it('a place path becomes a door plate', () => {
  expect(f.plateOf('990001001001/003/bund/12/2/302', '外滩')).toBe('外滩 12-2-302');
  expect(f.plateOf('990001001001/003/康乐')).toBe('康乐');
  expect(f.plateOf(undefined)).toBe('—');
});
