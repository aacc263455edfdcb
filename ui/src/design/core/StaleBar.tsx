// The bar over a page whose live stream stopped: the figures stay, their age is said. Gray, because nothing is wrong with them.
import { useStream } from '@/api/streamState';
import { useBase } from '@/i18n/base';
import { seconds } from '../format';
import css from './core.module.css';

export function StaleBar() {
  const t = useBase();
  const { state, lastAt } = useStream();
  if (state !== 'stale') return null;
  return (
    <div className={css.stale} role="status" data-testid="state-stale">
      {t.stale(seconds(lastAt))}
    </div>
  );
}
