// The phone's router: whole paths, parameters in them, the browser's own history. A page is loaded when first opened.
// The console's router weighs a quarter of what a phone may load at first; a phone needs this much of it.
import {
  type AnchorHTMLAttributes,
  Component,
  type ComponentType,
  lazy,
  type ReactNode,
  Suspense,
  useSyncExternalStore,
} from 'react';

/** What every page of the phone is given: the parts of its path that start with $. */
export interface PageProps<Param extends string = never> {
  params: Record<Param, string>;
}

export interface PageRoute {
  /** Whole path: '/h/orders/$id'. */
  path: string;
  page: ComponentType<{ params: Record<string, string> }>;
}

/**
 * A page loaded when first opened:
 * `page('/h/orders/$id', () => import('./OrderPage').then((m) => m.OrderPage))`.
 */
export function page<P extends string>(
  path: string,
  load: () => Promise<ComponentType<PageProps<P>>>,
): PageRoute {
  return {
    path,
    page: lazy(() =>
      load().then((c) => ({ default: c as ComponentType<{ params: Record<string, string> }> })),
    ),
  };
}

const listeners = new Set<() => void>();
const subscribe = (f: () => void) => {
  listeners.add(f);
  addEventListener('popstate', f);
  return () => {
    listeners.delete(f);
    removeEventListener('popstate', f);
  };
};
const href = () => location.pathname + location.search;

/** Where the phone is: path without a slash at its end, and the search parameters. */
export function useHere(): { path: string; search: URLSearchParams } {
  const h = useSyncExternalStore(subscribe, href);
  const [path = '', search = ''] = h.split('?');
  return { path: path.replace(/(.)\/$/, '$1'), search: new URLSearchParams(search) };
}

/** Opens a page; `replace` leaves no way back to this one (after a form was sent). */
export function go(to: string, { replace = false } = {}): void {
  const depth = ((history.state as { depth?: number } | null)?.depth ?? 0) + (replace ? 0 : 1);
  if (replace) history.replaceState({ depth }, '', to);
  else history.pushState({ depth }, '', to);
  for (const f of listeners) f();
  scrollTo(0, 0);
}

/** Goes back inside the program; somebody who came by a link goes to `home` instead of out. */
export function goBack(home: string): void {
  const depth = (history.state as { depth?: number } | null)?.depth ?? 0;
  if (depth > 0) history.back();
  else go(home, { replace: true });
}

/** A link inside the program. */
export function Link({ to, onClick, ...rest }: { to: string } & AnchorHTMLAttributes<HTMLAnchorElement>) {
  return (
    <a
      {...rest}
      href={to}
      onClick={(e) => {
        onClick?.(e);
        if (e.defaultPrevented || e.button !== 0 || e.metaKey || e.ctrlKey || e.shiftKey) return;
        e.preventDefault();
        go(to);
      }}
    />
  );
}

/** The parameters of a path that fits the pattern, undefined otherwise. */
export function match(pattern: string, path: string): Record<string, string> | undefined {
  const want = pattern.split('/');
  const have = path.split('/');
  if (want.length !== have.length) return undefined;
  const params: Record<string, string> = {};
  for (const [i, w] of want.entries()) {
    const h = have[i] ?? '';
    if (w.startsWith('$') && h) params[w.slice(1)] = decodeURIComponent(h);
    else if (w !== h) return undefined;
  }
  return params;
}

/** Shows the page of the address. Fixed paths go before those with parameters. */
export function Pages({
  routes,
  loading,
  notFound,
  crash,
}: {
  routes: readonly PageRoute[];
  loading: ReactNode;
  notFound: ReactNode;
  crash: (error: unknown, reset: () => void) => ReactNode;
}) {
  const { path } = useHere();
  const sorted = [...routes].sort((a, b) => a.path.split('$').length - b.path.split('$').length);
  for (const r of sorted) {
    const params = match(r.path, path);
    if (!params) continue;
    return (
      <Guard key={path} crash={crash}>
        <Suspense fallback={loading}>
          <r.page params={params} />
        </Suspense>
      </Guard>
    );
  }
  return notFound;
}

class Guard extends Component<
  { children: ReactNode; crash: (error: unknown, reset: () => void) => ReactNode },
  { error?: unknown }
> {
  override state: { error?: unknown } = {};
  static getDerivedStateFromError(error: unknown) {
    return { error };
  }
  override render() {
    if (this.state.error === undefined) return this.props.children;
    return this.props.crash(this.state.error, () => this.setState({ error: undefined }));
  }
}
