// The only importer of echarts: modular, on a canvas, never on the first route.
import { BarChart, LineChart } from 'echarts/charts';
import {
  AriaComponent,
  GridComponent,
  LegendComponent,
  MarkLineComponent,
  TooltipComponent,
} from 'echarts/components';
import { type ECharts, init, use } from 'echarts/core';
import { CanvasRenderer } from 'echarts/renderers';
import { useEffect, useRef } from 'react';
import { useLang } from '@/i18n';
import { chartOption } from './option';
import type { ChartSpec } from './spec';

use([
  BarChart,
  LineChart,
  GridComponent,
  TooltipComponent,
  LegendComponent,
  MarkLineComponent,
  AriaComponent,
  CanvasRenderer,
]);

const ink = (name: string) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

export default function Chart({ spec, label, height }: { spec: ChartSpec; label: string; height: number }) {
  const box = useRef<HTMLDivElement>(null);
  const chart = useRef<ECharts>(undefined);
  const lang = useLang();
  useEffect(() => {
    if (!box.current) return;
    const c = init(box.current, undefined, { renderer: 'canvas' });
    chart.current = c;
    const watch = new ResizeObserver(() => c.resize());
    watch.observe(box.current);
    return () => {
      watch.disconnect();
      c.dispose();
      chart.current = undefined;
    };
  }, []);
  useEffect(() => {
    chart.current?.setOption(chartOption(spec, ink, lang), { notMerge: true });
  }, [spec, lang]);
  return <div ref={box} role="img" aria-label={label} style={{ height }} />;
}
