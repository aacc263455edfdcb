// The door plate: how an address looks everywhere. A text, not a control.
import { plateLabel, plateOf } from '../format';
import css from './core.module.css';

export function DoorPlate({
  label,
  place,
  estate,
  size = 'row',
}: {
  /** What the server calls the address: 康乐 3-502, or 康乐路17号1单元304室, which is shortened. */
  label?: string;
  /** Place path, used when there is no label. */
  place?: string;
  /** Name of the estate for the place path. */
  estate?: string;
  size?: 'row' | 'page';
}) {
  return (
    <span className={css.plate} data-size={size} title={label}>
      {label ? plateLabel(label) : plateOf(place, estate)}
    </span>
  );
}
