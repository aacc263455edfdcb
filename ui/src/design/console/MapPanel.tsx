// The neighborhood map with what a page lays on it. The map is drawn by ui/src/map, loaded when first shown; the list beside it holds the same rows.
import { lazy, type ReactNode, Suspense } from 'react';
import type { MapProps } from '@/map/spec';
import { StatePanel } from '../core';
import css from './console.module.css';

const MapView = lazy(() => import('@/map/MapView'));

export function MapPanel({
  height = '100%',
  legend,
  ...map
}: MapProps & {
  height?: string | number;
  /** Quantity, unit, window and as-of: always printed on the map. */
  legend?: ReactNode;
}) {
  return (
    <div className={css.map} style={{ height }}>
      <Suspense fallback={<StatePanel state="loading" rows={6} />}>
        <MapView {...map} />
      </Suspense>
      {legend ? <div className={css.legend}>{legend}</div> : null}
    </div>
  );
}

/** The colors of the heat map from few to many, with the figures at both ends. */
export function HeatLegend({ title, low, high }: { title: ReactNode; low: ReactNode; high: ReactNode }) {
  return (
    <div className={css.heat}>
      <span>{title}</span>
      <div aria-hidden="true">
        {[7, 6, 5, 4, 3, 2, 1].map((n) => (
          <i key={n} style={{ background: `var(--heat-${n})` }} />
        ))}
      </div>
      <small>{low}</small>
      <small>{high}</small>
    </div>
  );
}
