// Inputs of the phone: label above, error below in words, choices as large buttons. Arrow keys move among choices.
import { type ReactNode, useId } from 'react';
import { Icon, type IconName } from '../core';
import css from './mobile.module.css';
import { useText } from './text';

interface FieldProps {
  label: ReactNode;
  hint?: ReactNode;
  error?: string;
  optional?: boolean;
}

export function Field({
  label,
  hint,
  error,
  optional,
  lines,
  ...input
}: FieldProps & {
  /** More than one makes it a text area. */
  lines?: number;
  value: string;
  onChange: (v: string) => void;
  type?: 'text' | 'tel' | 'number' | 'password';
  inputMode?: 'numeric' | 'tel' | 'text';
  autoComplete?: string;
  maxLength?: number;
  placeholder?: string;
}) {
  const t = useText();
  const id = useId();
  const { onChange, ...rest } = input;
  const common = {
    ...rest,
    id,
    className: css.input,
    'aria-invalid': error ? true : undefined,
    'aria-describedby': error || hint ? `${id}n` : undefined,
  };
  return (
    <div className={css.field}>
      <label htmlFor={id}>
        {label}
        {optional ? <small> {t.optional}</small> : null}
      </label>
      {lines && lines > 1 ? (
        <textarea
          {...(common as object)}
          rows={lines}
          value={input.value}
          onChange={(e) => onChange(e.target.value)}
        />
      ) : (
        <input {...common} onChange={(e) => onChange(e.target.value)} />
      )}
      {error || hint ? (
        <small id={`${id}n`} data-error={Boolean(error)} role={error ? 'alert' : undefined}>
          {error ?? hint}
        </small>
      ) : null}
    </div>
  );
}

export interface Choice {
  value: string;
  title: string;
  note?: string;
  icon?: IconName;
  disabled?: boolean;
}

/** One of a few, each a card large enough for a thumb. */
export function ChoiceCards({
  label,
  choices,
  value,
  onChange,
  columns = 2,
}: {
  label: ReactNode;
  choices: readonly Choice[];
  value: string | undefined;
  onChange: (v: string) => void;
  columns?: 1 | 2 | 3;
}) {
  const name = useId();
  return (
    <fieldset className={css.choices}>
      <legend>{label}</legend>
      <div style={{ '--columns': columns } as React.CSSProperties}>
        {choices.map((c) => (
          <label key={c.value} className={css.choice} data-disabled={c.disabled}>
            <input
              type="radio"
              name={name}
              value={c.value}
              checked={c.value === value}
              disabled={c.disabled}
              onChange={() => onChange(c.value)}
            />
            {c.icon ? <Icon name={c.icon} size="1.4em" /> : null}
            <span>
              {c.title}
              {c.note ? <small>{c.note}</small> : null}
            </span>
          </label>
        ))}
      </div>
    </fieldset>
  );
}

/** A small number, with a minus and a plus instead of a keyboard. */
export function Stepper({
  label,
  value,
  min = 0,
  max = 99,
  unit,
  onChange,
}: {
  label: string;
  value: number;
  min?: number;
  max?: number;
  unit?: string;
  onChange: (v: number) => void;
}) {
  const t = useText();
  return (
    <div className={css.stepper} role="group" aria-label={label}>
      <span>{label}</span>
      <button type="button" aria-label={t.less} disabled={value <= min} onClick={() => onChange(value - 1)}>
        <Icon name="minus" size="1.2em" />
      </button>
      <output aria-live="polite">
        {value}
        {unit ? <small> {unit}</small> : null}
      </output>
      <button type="button" aria-label={t.more} disabled={value >= max} onClick={() => onChange(value + 1)}>
        <Icon name="plus" size="1.2em" />
      </button>
    </div>
  );
}

export interface SlotDay {
  day: string;
  title: string;
  slots: { value: string; title: string; note?: string; disabled?: boolean }[];
}

/** Day first, then a time of that day. Full ones stay visible and say so. */
export function SlotPicker({
  label,
  days,
  value,
  onChange,
}: {
  label: ReactNode;
  days: readonly SlotDay[];
  value: { day: string; slot?: string };
  onChange: (v: { day: string; slot?: string }) => void;
}) {
  const day = days.find((d) => d.day === value.day) ?? days[0];
  return (
    <div className={css.field}>
      <span>{label}</span>
      <div className={css.days} role="group">
        {days.map((d) => (
          <button
            type="button"
            key={d.day}
            aria-pressed={d.day === day?.day}
            onClick={() => onChange({ day: d.day })}
          >
            {d.title}
          </button>
        ))}
      </div>
      <div className={css.slots} role="group">
        {day?.slots.map((s) => (
          <button
            type="button"
            key={s.value}
            disabled={s.disabled}
            aria-pressed={s.value === value.slot}
            onClick={() => onChange({ day: day.day, slot: s.value })}
          >
            {s.title}
            {s.note ? <small>{s.note}</small> : null}
          </button>
        ))}
      </div>
    </div>
  );
}
