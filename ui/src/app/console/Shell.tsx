// The frame of the console: top bar, menu, page. Ctrl K opens the palette; the skip link leads past the menu.
import { type ErrorComponentProps, Link, Navigate, Outlet, useRouterState } from '@tanstack/react-router';
import { useEffect, useRef, useState } from 'react';
import { Problem } from '@/api/client';
import { useMe } from '@/api/me';
import { startStream } from '@/api/stream';
import type { MenuItem } from '@/design/console/frame';
import { Failed, Icon, Loaded, Mark, StaleBar, StatePanel } from '@/design/core';
import { useLang } from '@/i18n';
import { useBase } from '@/i18n/base';
import { useMenu } from './menu';
import { Palette } from './Palette';
import css from './shell.module.css';
import { TopBar } from './TopBar';
import { useText } from './text';

export function Shell() {
  const t = useText();
  const me = useMe();
  const here = useRouterState({ select: (s) => s.location.href });
  const [searching, setSearching] = useState(false);
  const signedIn = me.data !== undefined;
  useEffect(() => {
    if (signedIn) startStream();
  }, [signedIn]);
  useEffect(() => {
    const onKey = (e: KeyboardEvent) => {
      if ((e.ctrlKey || e.metaKey) && e.key.toLowerCase() === 'k') {
        e.preventDefault();
        setSearching(true);
      }
    };
    addEventListener('keydown', onKey);
    return () => removeEventListener('keydown', onKey);
  }, []);
  if (me.error instanceof Problem && me.error.kind === 'unauthenticated') {
    return <Navigate to="/sign-in" search={here === '/' ? {} : { to: here }} replace />;
  }
  return (
    <Loaded query={me}>
      {() => (
        <div className={css.frame}>
          <a className={css.skip} href="#page">
            {t.skip}
          </a>
          <TopBar onSearch={() => setSearching(true)} />
          <Menu />
          <div className={css.page} id="page" tabIndex={-1}>
            <StaleBar />
            <Outlet />
          </div>
          {searching ? <Palette onClose={() => setSearching(false)} /> : null}
        </div>
      )}
    </Loaded>
  );
}

function Menu() {
  const t = useText();
  const base = useBase();
  const groups = useMenu();
  const here = useRouterState({ select: (s) => s.resolvedLocation?.pathname });
  const bar = useRef<HTMLElement>(null);
  // On a narrow screen the menu is a line that scrolls: the current page stays in sight.
  useEffect(() => {
    if (here)
      bar.current
        ?.querySelector(`.${css.item}[aria-current=page]`)
        ?.scrollIntoView({ block: 'nearest', inline: 'center' });
  }, [here]);
  return (
    <nav ref={bar} className={css.menu} aria-label={base.brand}>
      <Link to="/" className={css.brand}>
        <Mark />
        <span>{base.brand}</span>
      </Link>
      {groups.map((g) => (
        <div key={g.group} className={css.group}>
          <p>{t.groups[g.group as keyof typeof t.groups]}</p>
          {g.items.map((m) => (
            <MenuLink key={m.path} item={m} />
          ))}
        </div>
      ))}
    </nav>
  );
}

function MenuLink({ item }: { item: MenuItem }) {
  const lang = useLang();
  const useCount = item.useCount ?? noCount; // fixed per item, so the order of hooks never changes
  const n = useCount();
  return (
    <Link
      to={item.path}
      className={css.item}
      activeProps={{ 'data-active': true, 'aria-current': 'page' } as object}
      activeOptions={{ exact: item.path === '/', includeSearch: false }}
    >
      <Icon name={item.icon} />
      <span>{item[lang]}</span>
      {n ? <b>{n > 99 ? '99+' : n}</b> : null}
    </Link>
  );
}

const noCount = () => undefined;

export function NotFound() {
  const t = useText();
  return <StatePanel state="setup" title={t.notFound} act={<Link to="/">{t.notFoundAct}</Link>} />;
}

/** A page that threw: the frame stays, the page says so. */
export function Crash({ error, reset }: ErrorComponentProps) {
  const t = useText();
  if (error instanceof Problem) return <Failed error={error} retry={reset} />;
  console.error(error);
  return <StatePanel state="error" title={t.crash} act={<Link to="/">{t.notFoundAct}</Link>} />;
}
