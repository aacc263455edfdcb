// The views of the desk: today, the plan of tomorrow, a past day played again, how good past days were, visits that come again.
import { Link } from '@tanstack/react-router';
import { useText } from '../text';
import css from './dispatch.module.css';

export function DeskNav() {
  const t = useText();
  return (
    <nav className={css.nav} aria-label={t.nav.label}>
      <Link to="/dispatch" activeOptions={{ exact: true, includeSearch: false }}>
        {t.nav.board}
      </Link>
      <Link to="/dispatch/plan">{t.nav.plan}</Link>
      <Link to="/dispatch/replay">{t.nav.replay}</Link>
      <Link to="/dispatch/accuracy">{t.nav.accuracy}</Link>
      <Link to="/dispatch/series">{t.nav.series}</Link>
    </nav>
  );
}
