// A sheet from the bottom for a choice or a reason. Escape, the veil and the close button leave it.
import { type ReactNode, useEffect, useRef } from 'react';
import { useBase } from '@/i18n/base';
import { Icon } from '../core';
import css from './mobile.module.css';

export function Sheet({
  title,
  children,
  acts,
  onClose,
}: {
  title: string;
  children: ReactNode;
  acts?: ReactNode;
  onClose: () => void;
}) {
  const t = useBase();
  const box = useRef<HTMLDialogElement>(null);
  useEffect(() => box.current?.showModal(), []);
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: a press on the veil; the keyboard has Escape
    <dialog
      ref={box}
      className={css.sheet}
      aria-label={title}
      onClose={onClose}
      onClick={(e) => {
        if (e.target === box.current) onClose();
      }}
    >
      <header>
        <h2>{title}</h2>
        <button type="button" className={css.back} aria-label={t.close} onClick={onClose}>
          <Icon name="close" size="1.2em" />
        </button>
      </header>
      <div className={css.sheetBody}>{children}</div>
      {acts ? <footer>{acts}</footer> : null}
    </dialog>
  );
}
