// The frame of the phone: state of the network, the page, the bottom bar of two to four places.
import { useQueryClient } from '@tanstack/react-query';
import { lazy, Suspense, useEffect } from 'react';
import { Problem } from '@/api/client';
import { useMay, useMe } from '@/api/me';
import { Failed, Loaded, StatePanel } from '@/design/core/StatePanel';
import { Icon } from '@/design/icons/Icon';
import type { Tab } from '@/design/mobile/frame';
import { go, Link, Pages, useHere } from '@/design/mobile/router';
import { useLang } from '@/i18n';
import { useBase } from '@/i18n/base';
import { useEntry } from './entry';
import { features } from './features';
import { open, own } from './pages';
import css from './shell.module.css';
import { useText } from './text';

const Lines = lazy(() => import('./Lines').then((m) => ({ default: m.Lines })));

export function Shell() {
  const t = useText();
  const entry = useEntry();
  const { path } = useHere();
  const free = open.some((r) => r.path === path);
  const frame = {
    loading: <StatePanel state="loading" />,
    notFound: (
      <StatePanel state="setup" title={t.notFound} act={<Link to={`/${entry}`}>{t.notFoundAct}</Link>} />
    ),
    crash: (error: unknown, reset: () => void) =>
      error instanceof Problem ? (
        <Failed error={error} retry={reset} />
      ) : (
        <StatePanel state="error" title={t.crash} act={<Link to={`/${entry}`}>{t.notFoundAct}</Link>} />
      ),
  };
  if (free) return <Pages routes={open} {...frame} />;
  return (
    <SignedIn>
      <Suspense fallback={null}>
        <Lines />
      </Suspense>
      <Pages routes={own} {...frame} />
      <Tabs />
    </SignedIn>
  );
}

/** Leads to the door whoever is not signed in; starts the stream and the outbox for who is. */
function SignedIn({ children }: { children: React.ReactNode }) {
  const me = useMe();
  const client = useQueryClient();
  const entry = useEntry();
  const signedIn = me.data !== undefined;
  const out = me.error instanceof Problem && me.error.kind === 'unauthenticated';
  useEffect(() => {
    if (!signedIn) return;
    void import('./background').then((m) => m.start(client));
  }, [signedIn, client]);
  useEffect(() => {
    if (out) {
      const to = encodeURIComponent(location.pathname + location.search);
      go(`/${entry}/sign-in?to=${to}`, { replace: true });
    }
  }, [out, entry]);
  return out ? null : <Loaded query={me}>{() => children}</Loaded>;
}

function Tabs() {
  const t = useText().mobile;
  const base = useBase();
  const lang = useLang();
  const may = useMay();
  const entry = useEntry();
  const { path } = useHere();
  const home = entry === 'h' ? t.home : t.jobs;
  const fixed: Tab[] = [
    { entry, order: 0, path: `/${entry}`, zh: home, en: home, icon: entry === 'h' ? 'home' : 'list' },
    { entry, order: 99, path: `/${entry}/me`, zh: t.me, en: t.me, icon: 'person' },
  ];
  const tabs = [...fixed, ...features.flatMap((f) => f.tabs ?? [])]
    .filter((x) => x.entry === entry && may(x.permission))
    .sort((a, b) => a.order - b.order);
  // Deep pages have their own acts at the bottom; the bar belongs to first pages.
  if (!tabs.some((x) => x.path === path)) return null;
  return (
    <nav className={css.tabs} aria-label={base.brand}>
      {tabs.map((x) => (
        <Link key={x.path} to={x.path} aria-current={x.path === path ? 'page' : undefined}>
          <Icon name={x.icon} size={24} />
          <span>{x[lang]}</span>
        </Link>
      ))}
    </nav>
  );
}
