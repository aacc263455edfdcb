// Surfaces and rows of the phone. A pressable row is one button, so that the whole of it can be hit.
import type { ReactNode } from 'react';
import { Icon, type Step, Steps } from '../core';
import css from './mobile.module.css';

export function Card({
  title,
  note,
  children,
}: {
  title?: ReactNode;
  note?: ReactNode;
  children: ReactNode;
}) {
  return (
    <section className={css.card}>
      {title ? (
        <header>
          <h2>{title}</h2>
          {note ? <small>{note}</small> : null}
        </header>
      ) : null}
      {children}
    </section>
  );
}

export function ListRow({
  title,
  note,
  end,
  lead,
  onPress,
}: {
  title: ReactNode;
  note?: ReactNode;
  /** At the right end: time left, count, price. */
  end?: ReactNode;
  /** Before the title: glyph or icon. */
  lead?: ReactNode;
  onPress?: () => void;
}) {
  const body = (
    <>
      {lead}
      <span className={css.rowText}>
        <span>{title}</span>
        {note ? <small>{note}</small> : null}
      </span>
      {end ? <span className={css.rowEnd}>{end}</span> : null}
      {onPress ? <Icon name="next" size="1em" /> : null}
    </>
  );
  return onPress ? (
    <button type="button" className={css.row} onClick={onPress}>
      {body}
    </button>
  ) : (
    <div className={css.row}>{body}</div>
  );
}

/** The course of a service from top to bottom, with what is next in words. */
export function ServiceSteps({ steps }: { steps: Step[] }) {
  return (
    <div className={css.steps}>
      <Steps steps={steps} vertical />
    </div>
  );
}
