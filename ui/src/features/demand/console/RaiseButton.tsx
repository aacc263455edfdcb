// The main act of the top bar: registering a demand for somebody who calls or stands at the counter. A link.
import { Link, useRouterState } from '@tanstack/react-router';
import { Icon } from '@/design/core';
import css from './demand.module.css';
import { useText } from './text';

export function RaiseButton() {
  const t = useText();
  const here = useRouterState({ select: (s) => s.location.pathname });
  if (here === '/demands/new') return null;
  return (
    <Link to="/demands/new" className={css.raise}>
      <Icon name="plus" size={18} />
      {t.raise.button}
    </Link>
  );
}
