// The duty home: lanes of work on top, lists under them, map and figures at the side. Features fill it.
// Who has no orders to watch is led to the first page of the own menu.
import { Navigate } from '@tanstack/react-router';
import { useMay } from '@/api/me';
import { Page, WorkNow } from '@/design/console';
import { Slot, StatePanel } from '@/design/core';
import { useFeatures, useMenu } from './menu';
import css from './overview.module.css';
import { useText } from './text';

export function Overview() {
  const t = useText();
  const may = useMay();
  const first = useMenu()[0]?.items[0];
  const sources = useFeatures().flatMap((f) => (f.work && may(f.work.permission) ? [f.work] : []));
  if (!may('order.read')) {
    return first ? <Navigate to={first.path} replace /> : <StatePanel state="forbidden" title={t.noPages} />;
  }
  return (
    <Page title={t.overview.title}>
      <div className={css.lanes}>
        <Slot name="home.lane" with={{}} />
      </div>
      <div className={css.columns}>
        <div className={css.work}>
          <WorkNow title={t.overview.work} sources={sources} empty={t.overview.nothing} />
          <Slot name="home.work" with={{}} />
        </div>
        <div className={css.aside}>
          <Slot name="home.aside" with={{}} />
        </div>
      </div>
    </Page>
  );
}
