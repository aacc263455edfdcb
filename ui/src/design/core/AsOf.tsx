// The time of the data, beside every figure that is not live.

import { useBase } from '@/i18n/base';
import { useNow } from '../clock';
import { type Moment, moment, seconds } from '../format';
import css from './core.module.css';

export function AsOf({ at, precise }: { at: Moment; precise?: boolean }) {
  const t = useBase();
  useNow(); // words such as 今天 follow the server's clock
  return <span className={css.asof}>{t.asOf(precise ? seconds(at) : moment(at))}</span>;
}
