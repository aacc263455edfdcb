import type { ChartSpec } from '@/chart/spec';
import type { Kpi } from '@/design/core';
import { count, figure, isoDay } from '@/design/format';
import type { Lang } from '@/i18n';
import type { Cost, Unit, Value } from './api';
import type { zh } from './text.zh';

export type Text = typeof zh;

/** Fewest rows that are judged. */
export const enough = 30;

/** A value with its unit, as it stands in a sentence: 91.2%, 18 分. */
export function worded(v: number | undefined, unit: Unit, t: Text): string {
  if (v === undefined) return '—';
  return unit === '%' ? `${figure(v)}%` : `${figure(v)} ${t.unit[unit]}`;
}

/** Name of a figure at the head of a line. */
export const nameOf = (v: Value, lang: Lang): string => v[lang].charAt(0).toUpperCase() + v[lang].slice(1);

/** A target with its direction: ≥ 90%. */
export const target = (v: Value, t: Text): string =>
  (v.better === 'lower' ? t.atMost : t.atLeast)(worded(v.target, v.unit, t));

/** How a figure stands to its target: 达标, or by how much it misses. */
export function standing(v: Value, t: Text): string {
  if (v.met === undefined || v.value === undefined) return '';
  if (v.met) return t.met;
  return t.missed(gapOf(v, t));
}

/** By how much a figure misses its target; nothing when it meets it. */
export const gapOf = (v: Value, t: Text): string =>
  v.met !== false || v.value === undefined
    ? ''
    : (t.gap[v.unit]?.(figure(Math.abs(v.value - v.target))) ?? '');

/** Why a figure is not judged: no basis, nothing there, too few. */
export function notJudged(v: Value, t: Text, small: (n: number, min: number) => string): string {
  if (v.state === 'judged') return '';
  if (v.state === 'not_measurable') return t.why[v.slug] ?? t.why.other ?? '';
  return v.value === undefined ? t.noRows : small(v.n, enough);
}

/** How sure a figure is. */
const sure = (v: Value, t: Text): string[] =>
  v.low !== undefined && v.high !== undefined ? [t.interval(figure(v.low), figure(v.high))] : [];

/** What must be read with a figure. */
export const besides = (v: Value, t: Text): string[] =>
  v.value === undefined
    ? []
    : Object.entries(t.beside).flatMap(([k, say]) => {
        const n = v.beside[k];
        return n === undefined ? [] : say(figure(n));
      });

/** Rows left out, most first: 重复提出 12. */
export const exclusions = (v: Value, t: Text): string[] =>
  Object.entries(v.excluded)
    .sort((a, b) => b[1] - a[1])
    .map(([reason, n]) => t.excluded(t.reason[reason] ?? reason, count(n)));

/** Value and target on one scale from zero. Points may be negative: the bar then has no length. */
function scaleOf(v: Value): Kpi['at'] {
  if (v.value === undefined) return undefined;
  const max = v.unit === 'min' ? Math.max(v.target * 2, v.value * 1.1) : 100;
  return { value: Math.max(0, v.value), target: v.target, max, lowerIsBetter: v.better === 'lower' };
}

/** One line of the board. */
export function kpiOf(
  v: Value,
  days: readonly Value[] | undefined,
  t: Text,
  lang: Lang,
  small: (n: number, min: number) => string,
): Kpi {
  const why = notJudged(v, t, small);
  return {
    name: nameOf(v, lang),
    value: v.value === undefined ? undefined : figure(v.value),
    unit: t.unit[v.unit] ?? v.unit,
    target: [target(v, t), ...sure(v, t)].join(' · '),
    at: scaleOf(v),
    level: v.state === 'judged' ? 'green' : 'gray',
    note: [why || standing(v, t), ...besides(v, t)].join(' · '),
    trend: days?.map((d) => d.value ?? null),
    facts: {
      definition: lang === 'zh' ? v.definition_zh : v.definition_en,
      formula: t.formula[v.slug],
      version: v.confidence === 'proposed' ? `${t.version(v.version)} · ${t.proposed}` : t.version(v.version),
      numerator: v.numerator,
      denominator: v.denominator,
      excluded: exclusions(v, t),
      rows: v.n,
      asOf: v.as_of,
    },
  };
}

/** Days with a value, and how many of the judged ones met the target. */
export function findingOf(days: readonly Value[], t: Text): string {
  const known = days.filter((d) => d.value !== undefined);
  if (known.length === 0) return t.noDays;
  const judged = known.filter((d) => d.met !== undefined);
  if (judged.length === 0) return t.tooThinDays;
  const met = count(judged.filter((d) => d.met).length);
  const today = days[days.length - 1];
  return today?.value === undefined
    ? t.metDaysNoToday(met, count(judged.length))
    : t.metDays(met, count(judged.length), worded(today.value, today.unit, t));
}

/** The days of a figure as a line against its target. */
export function chartOf(days: readonly Value[], t: Text, lang: Lang): ChartSpec {
  const first = days[0];
  const unit = first?.unit ?? '%';
  return {
    kind: 'line',
    categoryName: t.day,
    categories: days.map((d) => dayOf(d, t)),
    series: [{ name: first ? nameOf(first, lang) : '', values: days.map((d) => d.value ?? null) }],
    unit: t.unit[unit] ?? unit,
    target: first?.target,
  };
}

/** A day begins at Shanghai midnight, which is where its window begins. */
function dayOf(d: Value, t: Text): string {
  const [, month, day] = isoDay(d.from).split('-').map(Number);
  return t.dayShort(month ?? 0, day ?? 0);
}

/** The better of two values of the same figure. */
const better = (a: Value, b: Value) =>
  a.better === 'lower' ? (a.value ?? 0) < (b.value ?? 0) : (a.value ?? 0) > (b.value ?? 0);

/** Who does best in a figure, among those with enough rows to be judged. */
export function bestOf<T extends { value: Value }>(all: readonly T[]): T | undefined {
  const judged = all.filter((x) => x.value.state === 'judged' && x.value.value !== undefined);
  return judged.length < 2 ? undefined : judged.reduce((a, b) => (better(b.value, a.value) ? b : a));
}

/** Kinds of cost in the order of the form. */
export const costKinds = ['staff', 'purchased', 'upkeep', 'platform', 'complaints', 'incidents'] as const;

export interface Month {
  month: string;
  /** Fen by kind. */
  fen: Record<string, number>;
  total: number;
  residents: number;
  cpi: number;
  /** Fen per resident. */
  head: number;
}

/** The rows of the server as months, newest first. */
export function monthsOf(costs: readonly Cost[]): Month[] {
  const by = new Map<string, Month>();
  for (const c of costs) {
    const m = by.get(c.month) ?? { month: c.month, fen: {}, total: 0, residents: 0, cpi: 0, head: 0 };
    m.fen[c.kind] = c.fen;
    m.total += c.fen;
    m.residents = Math.max(m.residents, c.residents);
    m.cpi = Math.max(m.cpi, c.cpi);
    m.head = m.residents > 0 ? m.total / m.residents : 0;
    by.set(c.month, m);
  }
  return [...by.values()].sort((a, b) => (a.month < b.month ? 1 : -1));
}

/** Months that the reduction needs: a year before and a year after. */
export const monthsNeeded = 24;

/** Yuan as typed, in whole fen; undefined when nothing was typed. */
export const fenOf = (v: number | null | undefined): number | undefined =>
  v === null || v === undefined ? undefined : Math.round(v * 100);
