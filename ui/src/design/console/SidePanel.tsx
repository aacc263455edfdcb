// The chosen row beside its list: door plate, level and time left on top, acts at the bottom. Escape closes it.
import { Link } from '@tanstack/react-router';
import { type ReactNode, useEffect, useRef } from 'react';
import { useBase } from '@/i18n/base';
import { Icon } from '../core';
import css from './console.module.css';
import { useText } from './text';

export function SidePanel({
  head,
  children,
  acts,
  full,
  onClose,
  label,
}: {
  /** What it is: door plate, level, time left. */
  head: ReactNode;
  children: ReactNode;
  /** One primary button, quiet ones beside it. */
  acts?: ReactNode;
  /** Path of the whole page. */
  full?: string;
  onClose: () => void;
  label: string;
}) {
  const base = useBase();
  const t = useText();
  const box = useRef<HTMLElement>(null);
  useEffect(() => {
    const onKey = (e: KeyboardEvent) => {
      if (e.key === 'Escape' && !e.defaultPrevented) onClose();
    };
    addEventListener('keydown', onKey);
    return () => removeEventListener('keydown', onKey);
  }, [onClose]);
  return (
    <aside ref={box} className={css.side} aria-label={label}>
      <header className={css.sideHead}>
        <div>{head}</div>
        {full ? (
          <Link to={full} className={css.sideFull}>
            {t.openFull}
          </Link>
        ) : null}
        <button type="button" className={css.iconButton} aria-label={base.close} onClick={onClose}>
          <Icon name="close" />
        </button>
      </header>
      <div className={css.sideBody}>{children}</div>
      {acts ? <footer className={css.sideActs}>{acts}</footer> : null}
    </aside>
  );
}

/** A titled part of a side panel or page column; a line above it, no box. */
export function Section({
  title,
  note,
  children,
}: {
  title: ReactNode;
  note?: ReactNode;
  children: ReactNode;
}) {
  return (
    <section className={css.section}>
      <header>
        <h3>{title}</h3>
        {note ? <small>{note}</small> : null}
      </header>
      {children}
    </section>
  );
}
