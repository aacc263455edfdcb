import { millis, moment } from '@/design/format';
import type { User } from '../api';
import { useText } from '../text';
import css from './auth.module.css';

/** Locked counts over the stored state: the person cannot get in either way. */
export function UserState({ user: u }: { user: User }) {
  const t = useText().users;
  const locked = millis(u.locked_until);
  if (locked !== undefined && locked > Date.now()) {
    return <span className={css.bad}>{t.locked(moment(locked))}</span>;
  }
  return <span className={u.state === 'active' ? undefined : css.soft}>{t.state[u.state]}</span>;
}
