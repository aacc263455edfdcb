// A small panel beside its button. Escape and a press outside close it; focus returns to the button.
import { type ReactNode, useCallback, useEffect, useId, useRef, useState } from 'react';
import { createPortal } from 'react-dom';
import css from './core.module.css';

export function Popover({
  text,
  label,
  children,
  quiet,
  className,
}: {
  /** What stands on the button. */
  text: ReactNode;
  /** Name of the panel for screen readers. */
  label: string;
  children: ReactNode | ((close: () => void) => ReactNode);
  /** A link-like button inside of running text. */
  quiet?: boolean;
  className?: string;
}) {
  const [open, setOpen] = useState(false);
  const [at, setAt] = useState({ left: 0, top: 0, up: false });
  const id = useId();
  const button = useRef<HTMLButtonElement>(null);
  const panel = useRef<HTMLDivElement>(null);

  const close = useCallback(() => {
    setOpen(false);
    button.current?.focus();
  }, []);

  useEffect(() => {
    if (!open) return;
    const place = () => {
      const b = button.current?.getBoundingClientRect();
      if (!b) return;
      const w = panel.current?.offsetWidth ?? 280;
      const h = panel.current?.offsetHeight ?? 200;
      const up = b.bottom + h + 8 > innerHeight && b.top > h + 8;
      setAt({
        left: Math.max(8, Math.min(b.left, innerWidth - w - 8)),
        top: up ? b.top - h - 6 : b.bottom + 6,
        up,
      });
    };
    place();
    panel.current?.focus();
    const onKey = (e: KeyboardEvent) => {
      if (e.key === 'Escape') {
        e.stopPropagation();
        close();
      }
    };
    const onDown = (e: PointerEvent) => {
      const n = e.target as Node;
      if (!panel.current?.contains(n) && !button.current?.contains(n)) setOpen(false);
    };
    addEventListener('keydown', onKey, true);
    addEventListener('pointerdown', onDown, true);
    addEventListener('resize', place);
    addEventListener('scroll', place, true);
    return () => {
      removeEventListener('keydown', onKey, true);
      removeEventListener('pointerdown', onDown, true);
      removeEventListener('resize', place);
      removeEventListener('scroll', place, true);
    };
  }, [open, close]);

  return (
    <>
      <button
        type="button"
        ref={button}
        className={className ?? (quiet ? css.link : css.button)}
        aria-expanded={open}
        aria-controls={open ? id : undefined}
        onClick={(e) => {
          e.stopPropagation();
          setOpen(!open);
        }}
      >
        {text}
      </button>
      {open
        ? createPortal(
            <div
              ref={panel}
              id={id}
              role="dialog"
              aria-label={label}
              tabIndex={-1}
              className={css.popover}
              style={{ left: at.left, top: at.top }}
              onClick={(e) => e.stopPropagation()}
              onKeyDown={(e) => e.stopPropagation()}
            >
              {typeof children === 'function' ? children(close) : children}
            </div>,
            document.body,
          )
        : null}
    </>
  );
}
