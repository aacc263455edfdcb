// Large buttons. The main act is filled, others are outlined; a busy button keeps its words and takes no second press.
import type { ReactNode } from 'react';
import { useBase } from '@/i18n/base';
import { Icon, type IconName } from '../core';
import css from './mobile.module.css';

export function BigButton({
  children,
  icon,
  quiet,
  busy,
  disabled,
  onPress,
  submit,
}: {
  children: ReactNode;
  icon?: IconName;
  /** A second act beside the main one. */
  quiet?: boolean;
  busy?: boolean;
  disabled?: boolean;
  onPress?: () => void;
  submit?: boolean;
}) {
  return (
    <button
      type={submit ? 'submit' : 'button'}
      className={css.big}
      data-quiet={quiet}
      disabled={disabled}
      aria-busy={busy}
      onClick={busy ? undefined : onPress}
    >
      {icon ? <Icon name={icon} size="1.25em" /> : null}
      <span>{children}</span>
    </button>
  );
}

/** One large square of the home page. */
export function Tile({
  icon,
  title,
  note,
  onPress,
}: {
  icon: IconName;
  title: ReactNode;
  note?: ReactNode;
  onPress: () => void;
}) {
  return (
    <button type="button" className={css.tile} onClick={onPress}>
      <Icon name={icon} size="1.8em" />
      <span>{title}</span>
      {note ? <small>{note}</small> : null}
    </button>
  );
}

/** Rings a human. On a phone the number is dialed; the number itself may be a relay that hides both sides. */
export function CallButton({
  phone,
  children,
  compact,
}: {
  phone: string;
  children?: ReactNode;
  compact?: boolean;
}) {
  const t = useBase();
  return (
    <a className={compact ? css.callSmall : css.call} href={`tel:${phone}`}>
      <Icon name="phone" size="1.2em" />
      <span>{children ?? t.call}</span>
    </a>
  );
}
