/** What a chart shows, in our words; echarts is told by Chart.tsx alone. */
export interface ChartSpec {
  kind: 'bar' | 'line' | 'stack';
  /** What the categories are: 时间, 社区, 子项. Heads the first column of the table. */
  categoryName: string;
  categories: readonly string[];
  series: readonly Series[];
  unit: string;
  /** A tick line across the chart with its number. */
  target?: number;
  /** Bars lie down; good for long names. */
  sideways?: boolean;
}

export interface Series {
  name: string;
  values: readonly (number | null)[];
  /** Forecasts are dashed gray, the past is pale; actual values carry the color. */
  role?: 'actual' | 'forecast' | 'past';
  /** 80 % band around a forecast. */
  band?: readonly (readonly [low: number, high: number] | null)[];
}
