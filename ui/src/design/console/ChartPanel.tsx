// A chart with its finding as the title, its unit and window under it, and the same figures as a table and a CSV file.
import { Button } from 'antd';
import { lazy, type ReactNode, Suspense, useState } from 'react';
import type { ChartSpec } from '@/chart/spec';
import { AsOf, Icon, StatePanel } from '../core';
import { figure, type Moment } from '../format';
import css from './console.module.css';
import { Panel } from './Page';
import { useText } from './text';

const Chart = lazy(() => import('@/chart/Chart'));

export function ChartPanel({
  finding,
  about,
  asOf,
  spec,
  height = 260,
  act,
}: {
  /** What the chart shows, as a sentence: 午餐缺 38 份. */
  finding: ReactNode;
  /** Quantity, unit and window. */
  about: string;
  asOf?: Moment;
  spec: ChartSpec;
  height?: number;
  act?: ReactNode;
}) {
  const t = useText();
  const [table, setTable] = useState(false);
  return (
    <Panel
      title={finding}
      act={
        <>
          {act}
          <Button
            size="small"
            type="text"
            icon={<Icon name={table ? 'chart' : 'list'} size={16} />}
            onClick={() => setTable(!table)}
          >
            {table ? t.chart : t.table}
          </Button>
          <Button
            size="small"
            type="text"
            aria-label={t.csv}
            title={t.csv}
            icon={<Icon name="download" size={16} />}
            onClick={() => saveCsv(spec, about)}
          />
        </>
      }
    >
      <p className={css.about}>
        {about} {asOf ? <AsOf at={asOf} /> : null}
      </p>
      {table ? (
        <div className={css.chartTable} style={{ maxHeight: height }}>
          <table>
            <thead>
              <tr>
                <th scope="col">{spec.categoryName}</th>
                {spec.series.map((s) => (
                  <th scope="col" key={s.name} data-right>
                    {s.name}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {spec.categories.map((c, i) => (
                <tr key={c}>
                  <th scope="row">{c}</th>
                  {spec.series.map((s) => (
                    <td key={s.name} data-right>
                      {figure(s.values[i])}
                    </td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      ) : (
        <Suspense fallback={<StatePanel state="loading" rows={5} />}>
          <Chart spec={spec} label={`${about}`} height={height} />
        </Suspense>
      )}
    </Panel>
  );
}

/** Saves the figures as they are shown; the byte order mark keeps Chinese readable in Excel. */
function saveCsv(spec: ChartSpec, name: string): void {
  const cell = (v: unknown) => {
    const s = v === null || v === undefined ? '' : String(v);
    return /[",\n]/.test(s) ? `"${s.replaceAll('"', '""')}"` : s;
  };
  const rows = [
    [spec.categoryName, ...spec.series.map((s) => s.name)],
    ...spec.categories.map((c, i) => [c, ...spec.series.map((s) => s.values[i])]),
  ];
  const url = URL.createObjectURL(
    new Blob([`\ufeff${rows.map((r) => r.map(cell).join(',')).join('\r\n')}`], { type: 'text/csv' }),
  );
  const a = document.createElement('a');
  a.href = url;
  a.download = `${name}.csv`;
  a.click();
  URL.revokeObjectURL(url);
}
