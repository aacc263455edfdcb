// Title of a page below the inbox, with the way back before it. A link.
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { Icon } from '@/design/core';
import css from './demand.module.css';
import { useText } from './text';

export function BackTitle({ children }: { children: ReactNode }) {
  const t = useText();
  return (
    <span className={css.head}>
      <Link to="/demands" aria-label={t.back} className={css.backLink}>
        <Icon name="back" />
      </Link>
      {children}
    </span>
  );
}
