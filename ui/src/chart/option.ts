import type { EChartsCoreOption } from 'echarts/core';
import type { ChartSpec, Series } from './spec';

/** Reads tokens; injected so that the option can be tested without a page. */
export type Ink = (name: string) => string;

/** Turns our words into echarts' words: zero baseline, direct labels, no gradient, no HTML tooltip. */
export function chartOption(spec: ChartSpec, ink: Ink, lang: 'zh' | 'en'): EChartsCoreOption {
  const text = { color: ink('--ink-3'), fontSize: 12, fontFamily: ink('--font') };
  const values = {
    type: 'value' as const,
    min: spec.kind === 'line' ? undefined : 0,
    scale: spec.kind === 'line',
    name: spec.unit,
    nameTextStyle: { ...text, align: spec.sideways ? ('right' as const) : ('left' as const) },
    axisLabel: text,
    axisLine: { show: false },
    axisTick: { show: false },
    splitLine: { lineStyle: { color: ink('--line-2') } },
    splitNumber: 4,
  };
  const names = {
    type: 'category' as const,
    data: [...spec.categories],
    inverse: spec.sideways,
    axisLabel: { ...text, hideOverlap: true },
    axisLine: { lineStyle: { color: ink('--line') } },
    axisTick: { show: false },
    boundaryGap: spec.kind !== 'line',
  };
  let colored = 0;
  const color = (s: Series) =>
    s.role === 'forecast'
      ? ink('--ink-2')
      : s.role === 'past'
        ? ink('--ink-3')
        : ink(`--series-${(colored++ % 3) + 1}`);
  return {
    animation: false,
    aria: { enabled: true },
    textStyle: { fontFamily: ink('--font') },
    grid: {
      left: 8,
      right: spec.kind === 'line' && spec.series.length > 1 ? 64 : 24,
      top: 32,
      bottom: 8,
      containLabel: true,
    },
    tooltip: {
      trigger: 'axis',
      renderMode: 'richText',
      backgroundColor: ink('--surface'),
      borderColor: ink('--line'),
      borderWidth: 1,
      textStyle: { color: ink('--ink-1'), fontSize: 12 },
      valueFormatter: (v: unknown) => (v === null || v === undefined ? '—' : `${v} ${spec.unit}`),
    },
    xAxis: spec.sideways ? values : names,
    yAxis: spec.sideways ? names : values,
    series: spec.series.flatMap((s): object[] => {
      const c = color(s);
      const first = s === spec.series[0];
      const base = {
        name: s.name,
        data: [...s.values],
        itemStyle: { color: c },
        markLine:
          first && spec.target !== undefined
            ? {
                symbol: 'none',
                silent: true,
                lineStyle: { color: ink('--ink-1'), type: 'solid' as const, width: 1.5 },
                label: {
                  formatter: `${lang === 'zh' ? '目标' : 'Target'} ${spec.target}`,
                  position: 'insideEndTop' as const,
                  color: ink('--ink-1'),
                },
                data: [spec.sideways ? { xAxis: spec.target } : { yAxis: spec.target }],
              }
            : undefined,
      };
      if (spec.kind === 'line') {
        const line = {
          ...base,
          type: 'line' as const,
          showSymbol: false,
          lineStyle: {
            color: c,
            width: 2,
            type: s.role === 'forecast' ? ('dashed' as const) : ('solid' as const),
          },
          endLabel: {
            show: spec.series.length > 1, // a single line is named by the title
            formatter: '{a}',
            color: c,
            fontSize: 12,
            offset: [0, s.role === 'forecast' ? 0 : -12],
          },
          connectNulls: false,
        };
        return s.band ? [...band(s, ink), line] : [line];
      }
      return [
        {
          ...base,
          type: 'bar' as const,
          stack: spec.kind === 'stack' ? 'all' : undefined,
          barMaxWidth: 28,
          barGap: '10%',
          label: {
            show: spec.series.length === 1 && spec.categories.length <= 16,
            position: spec.sideways ? ('right' as const) : ('top' as const),
            color: ink('--ink-2'),
            fontSize: 12,
          },
        },
      ];
    }),
    legend:
      spec.kind !== 'line' && spec.series.length > 1
        ? { top: 0, right: 0, itemWidth: 10, itemHeight: 10, textStyle: { ...text, color: ink('--ink-2') } }
        : undefined,
  };
}

/** The 80 % band as two stacked, invisible lines with the area between them filled. */
function band(s: Series, ink: Ink) {
  const edge = {
    type: 'line' as const,
    stack: `${s.name} band`,
    symbol: 'none',
    silent: true,
    lineStyle: { opacity: 0 },
  };
  return [
    { ...edge, name: '', data: s.band?.map((b) => b?.[0] ?? null) },
    {
      ...edge,
      name: '',
      data: s.band?.map((b) => (b ? b[1] - b[0] : null)),
      areaStyle: { color: ink('--ink-3'), opacity: 0.16 },
    },
  ];
}
