import { expect, it } from 'vitest';
import { chartOption } from './option';
import type { ChartSpec } from './spec';

const ink = (name: string) => name;
const spec: ChartSpec = {
  kind: 'bar',
  categoryName: '时间',
  categories: ['10 时', '11 时'],
  series: [{ name: '份数', values: [61, 187] }],
  unit: '份',
  target: 150,
};

it('bars start at zero, and no tooltip writes HTML', () => {
  const o = chartOption(spec, ink, 'zh') as Record<string, Record<string, unknown>>;
  expect([o.yAxis?.min, o.tooltip?.renderMode]).toEqual([0, 'richText']);
});

it('forecast, past and actual are told apart, actual alone carries color', () => {
  const o = chartOption(
    {
      ...spec,
      kind: 'line',
      series: [
        { name: '实际', values: [1, 2] },
        { name: '预测', role: 'forecast', values: [2, 3], band: [[1, 3], null] },
        { name: '上周', role: 'past', values: [2, 2] },
      ],
    },
    ink,
    'zh',
  ) as { series: { name: string; lineStyle: { color?: string; type?: string } }[] };
  expect(o.series.filter((s) => s.name).map((s) => [s.name, s.lineStyle.color, s.lineStyle.type])).toEqual([
    ['实际', '--series-1', 'solid'],
    ['预测', '--ink-2', 'dashed'],
    ['上周', '--ink-3', 'solid'],
  ]);
});
