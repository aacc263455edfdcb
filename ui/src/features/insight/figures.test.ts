import { beforeAll, describe, expect, it } from 'vitest';
import { setLang } from '@/i18n';
import { useBase } from '@/i18n/base';
import type { Value } from './api';
import { bestOf, chartOf, fenOf, findingOf, kpiOf, monthsOf, target } from './figures';
import { useText } from './text';

const { zh, en } = useText.both;
const small = useBase.both.zh.small;
const value = (more: Partial<Value> = {}): Value => ({
  slug: 'demand-match-rate',
  version: 1,
  zh: '需求匹配度',
  en: 'demand match rate',
  unit: '%',
  target: 90,
  better: 'higher',
  definition_zh: '口径',
  definition_en: 'definition',
  source: '',
  confidence: 'proposed',
  state: 'judged',
  value: 87.4,
  low: 84.1,
  high: 90.2,
  numerator: 437,
  denominator: 500,
  n: 500,
  excluded: { duplicate: 12, test: 31 },
  beside: { 'catalog-gap-rate': 6.2 },
  from: '2026-11-22T00:00:00+08:00',
  as_of: '2026-11-23T12:00:00+08:00',
  met: false,
  ...more,
});

beforeAll(() => setLang('zh'));

describe('a line of the board', () => {
  it('says value, target, how far off, how sure, and opens to its parts', () => {
    expect(kpiOf(value(), [value(), value({ value: undefined })], zh, 'zh', small)).toEqual({
      name: '需求匹配度',
      value: '87.4',
      unit: '%',
      target: '≥ 90% · 95% 区间 84.1–90.2',
      at: { value: 87.4, target: 90, max: 100, lowerIsBetter: false },
      level: 'green',
      note: '未达标，差 2.6 个百分点 · 目录外 6.2%',
      trend: [87.4, null],
      facts: {
        definition: '口径',
        formula: '类型、时间、空间都对的 ÷ 到期的需求',
        version: '第 1 版 · 建议口径',
        numerator: 437,
        denominator: 500,
        excluded: ['测试数据 31', '重复提出 12'],
        rows: 500,
        asOf: '2026-11-23T12:00:00+08:00',
      },
    });
  });

  it('shows a thin sample and does not judge it', () => {
    const k = kpiOf(
      value({ state: 'thin', n: 12, met: undefined, low: undefined, beside: {} }),
      undefined,
      zh,
      'zh',
      small,
    );
    expect([k.value, k.level, k.note]).toEqual(['87.4', 'gray', '样本不足 (12/30)']);
  });

  it('says why there is no value, never zero', () => {
    const k = kpiOf(
      value({
        slug: 'cost-reduction',
        state: 'not_measurable',
        value: undefined,
        met: undefined,
        beside: {},
      }),
      undefined,
      zh,
      'zh',
      small,
    );
    expect([k.value, k.at, k.level, k.note]).toEqual([
      undefined,
      undefined,
      'gray',
      '要有上线前 12 个月和上线后 12 个月的治理成本',
    ]);
  });

  it('reads a figure that should be low the other way round', () => {
    const v = value({
      unit: 'min',
      better: 'lower',
      target: 30,
      value: 41,
      low: undefined,
      beside: { p50: 12 },
    });
    expect(target(v, en)).toBe('≤ 30 min');
    const k = kpiOf(v, undefined, zh, 'zh', small);
    expect([k.note, k.at]).toEqual([
      '未达标，多 11 分 · 一半在 12 分内',
      { value: 41, target: 30, max: 60, lowerIsBetter: true },
    ]);
  });

  it('draws a negative score as no bar', () => {
    expect(kpiOf(value({ unit: 'points', value: -20 }), undefined, zh, 'zh', small).at?.value).toBe(0);
  });
});

describe('the days of a figure', () => {
  it('are titled by what they show', () => {
    const met = value({ met: true, value: 92 });
    expect(findingOf([met, value(), met], zh)).toBe('3 天里 2 天达标，今天 92%');
    expect(findingOf([value({ met: undefined })], zh)).toBe('每天的样本都不够，先不评判');
    expect(findingOf([value({ value: undefined, met: undefined })], en)).toBe('No data on these days');
  });
  it('keep gaps as gaps', () => {
    const spec = chartOf([value(), value({ value: undefined })], zh, 'zh');
    expect([spec.categories, spec.series[0]?.values, spec.target]).toEqual([
      ['11-22', '11-22'],
      [87.4, null],
      90,
    ]);
  });
});

it('names the best community only among those with enough rows', () => {
  const at = (name: string, more: Partial<Value>) => ({ name, value: value(more) });
  expect(
    bestOf([at('甲', { value: 80 }), at('乙', { value: 99, state: 'thin' }), at('丙', { value: 85 })])?.name,
  ).toBe('丙');
  expect(
    bestOf([at('甲', { better: 'lower', value: 20 }), at('乙', { better: 'lower', value: 30 })])?.name,
  ).toBe('甲');
  expect(bestOf([at('甲', {})])).toBeUndefined();
});

it('adds up months, newest first, and keeps fen whole', () => {
  const c = (month: string, kind: string, fen: number) => ({ month, kind, fen, residents: 1000, cpi: 10000 });
  const [newest, older] = monthsOf([
    c('2025-01', 'staff', 100_00),
    c('2025-02', 'staff', 50_00),
    c('2025-02', 'upkeep', 25_00),
  ]);
  expect([newest?.month, newest?.total, newest?.head, older?.total]).toEqual(['2025-02', 7500, 7.5, 10000]);
  expect([fenOf(1234.56), fenOf(0.1 + 0.2), fenOf(null)]).toEqual([123456, 30, undefined]);
});
