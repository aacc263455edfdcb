// The door plate: how an address looks everywhere. A text, not a control.
import { plateOf } from '../format';
import css from './core.module.css';

export function DoorPlate({
  label,
  place,
  estate,
  size = 'row',
}: {
  /** What the server calls the address, e.g. "康乐 3-502". */
  label?: string;
  /** Place path, used when there is no label. */
  place?: string;
  /** Name of the estate for the place path. */
  estate?: string;
  size?: 'row' | 'page';
}) {
  return (
    <span className={css.plate} data-size={size}>
      {label || plateOf(place, estate)}
    </span>
  );
}
