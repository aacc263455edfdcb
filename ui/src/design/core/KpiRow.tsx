// A figure with its target, its course and its flag. The number opens to its definition and rows.
import type { ReactNode } from 'react';
import { useBase } from '@/i18n/base';
import css from './figures.module.css';
import { Lineage, type LineageFacts } from './Lineage';
import { PerfFlag, type PerfLevel } from './PerfFlag';
import { Sparkline } from './Sparkline';

export interface Kpi {
  name: string;
  /** Value as text without its unit; undefined when it cannot be judged. */
  value?: string;
  unit: string;
  /** Target as text with its direction: ≥ 90%. */
  target?: string;
  /** Value and target as numbers on one scale from 0 to `max`, for the track. */
  at?: { value: number; target: number; max: number; lowerIsBetter?: boolean };
  level?: PerfLevel;
  streak?: number;
  /** Why there is no value, or a remark such as 暂定. */
  note?: string;
  trend?: (number | null)[];
  facts?: LineageFacts;
}

export function KpiRow({ kpi, openRows }: { kpi: Kpi; openRows?: ReactNode }) {
  const t = useBase();
  const number = (
    <span className={css.kpiValue}>
      {kpi.value ?? '—'}
      {kpi.value !== undefined ? <small>{kpi.unit}</small> : null}
    </span>
  );
  return (
    <div className={css.kpi}>
      <div className={css.kpiName}>
        <span>{kpi.name}</span>
        {kpi.note ? <small>{kpi.note}</small> : null}
      </div>
      <div className={css.kpiNumber}>
        {kpi.facts ? (
          <Lineage facts={kpi.facts} openRows={openRows}>
            {number}
          </Lineage>
        ) : (
          number
        )}
      </div>
      <div className={css.kpiTarget}>
        {kpi.at ? <Track {...kpi.at} /> : null}
        {kpi.target ? <small>{t.target(kpi.target)}</small> : null}
      </div>
      <div className={css.kpiTrend}>
        {kpi.trend ? <Sparkline values={kpi.trend} target={kpi.at?.target} label={kpi.name} /> : null}
      </div>
      <div className={css.kpiFlag}>
        <PerfFlag level={kpi.level ?? 'green'} streak={kpi.streak} />
      </div>
    </div>
  );
}

/** Higher is better: a bar from zero. Lower is better: a dot, because a longer bar would look like more merit. */
function Track({ value, target, max, lowerIsBetter }: NonNullable<Kpi['at']>) {
  const share = (v: number) => `${Math.min(100, Math.max(0, (v / max) * 100))}%`;
  return (
    <span className={css.track} aria-hidden="true">
      {lowerIsBetter ? (
        <i className={css.trackDot} style={{ left: share(value) }} />
      ) : (
        <i className={css.trackBar} style={{ width: share(value) }} />
      )}
      <b style={{ left: share(target) }} />
    </span>
  );
}
