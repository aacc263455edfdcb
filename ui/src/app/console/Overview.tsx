// The duty home: lanes of work on top, lists under them, map and figures at the side. Features fill it.
import { Page } from '@/design/console';
import { Slot } from '@/design/core';
import css from './overview.module.css';
import { useText } from './text';

export function Overview() {
  const t = useText();
  return (
    <Page title={t.overview.title}>
      <div className={css.lanes}>
        <Slot name="home.lane" with={{}} />
      </div>
      <div className={css.columns}>
        <div className={css.work}>
          <Slot name="home.work" with={{}} />
        </div>
        <div className={css.aside}>
          <Slot name="home.aside" with={{}} />
        </div>
      </div>
    </Page>
  );
}
