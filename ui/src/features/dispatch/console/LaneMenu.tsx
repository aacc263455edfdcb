// What can be done with a worker, at the name of the lane. One menu serves all lanes; arrow keys, Enter, Escape.
import { type KeyboardEvent, useEffect, useRef } from 'react';
import { createPortal } from 'react-dom';
import { useText } from '../text';
import css from './dispatch.module.css';

export interface MenuAt {
  worker: string;
  name: string;
  /** The name that was pressed; it gets the focus back. */
  node: HTMLElement;
}

export interface MenuAct {
  label: string;
  run: () => void;
}

/** Room a menu of this kind takes, so that it opens upward near the bottom. */
const tall = 160;

export function LaneMenu({
  at,
  acts,
  onClose,
}: {
  at: MenuAt;
  acts: readonly MenuAct[];
  onClose: () => void;
}) {
  const t = useText();
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => {
    box.current?.querySelector('button')?.focus();
    const away = (e: Event) => {
      if (!box.current?.contains(e.target as Node)) onClose();
    };
    addEventListener('pointerdown', away, true);
    addEventListener('wheel', onClose, { capture: true, passive: true });
    return () => {
      removeEventListener('pointerdown', away, true);
      removeEventListener('wheel', onClose, true);
    };
  }, [onClose]);
  const onKey = (e: KeyboardEvent) => {
    const all = [...(box.current?.querySelectorAll('button') ?? [])];
    const i = all.indexOf(document.activeElement as HTMLButtonElement);
    if (e.key === 'ArrowDown') all[(i + 1) % all.length]?.focus();
    else if (e.key === 'ArrowUp') all[(i + all.length - 1) % all.length]?.focus();
    else if (e.key === 'Escape' || e.key === 'Tab') {
      onClose();
      at.node.focus();
    } else return;
    e.preventDefault();
    e.stopPropagation();
  };
  const r = at.node.getBoundingClientRect();
  const top = r.bottom + tall > innerHeight ? Math.max(8, r.top - tall) : r.bottom;
  return createPortal(
    <div
      ref={box}
      role="menu"
      tabIndex={-1}
      aria-label={t.act.menu(at.name)}
      className={css.laneMenu}
      style={{ left: r.left + 8, top }}
      onKeyDown={onKey}
    >
      {acts.map((a) => (
        <button
          key={a.label}
          type="button"
          role="menuitem"
          onClick={() => {
            onClose();
            a.run();
          }}
        >
          {a.label}
        </button>
      ))}
    </div>,
    document.body,
  );
}
