// The time of the data, beside every figure that is not live.
import { useBase } from '@/i18n/base';
import { type Moment, moment, seconds } from '../format';
import css from './core.module.css';

export function AsOf({ at, precise }: { at: Moment; precise?: boolean }) {
  const t = useBase();
  return <span className={css.asof}>{t.asOf(precise ? seconds(at) : moment(at))}</span>;
}
