// A table wider or taller than its panel: it scrolls inside, with the arrow keys once it has focus.
import type { ReactNode } from 'react';
import css from './console.module.css';

export function Wide({
  label,
  maxHeight,
  children,
}: {
  label: string;
  maxHeight?: string;
  children: ReactNode;
}) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by the keyboard
    <section className={css.wide} style={{ maxHeight }} tabIndex={0} aria-label={label}>
      {children}
    </section>
  );
}
