import type { Filter } from '../api';

/** Everything the list of residents shows, as it stands in the URL. */
export interface Search {
  place?: string;
  group?: string;
  state?: string;
  q?: string;
  sel?: string;
}

const text = (v: unknown): string | undefined => {
  const s = typeof v === 'number' ? String(v) : v; // the router reads bare digits as numbers
  return typeof s === 'string' && s !== '' ? s : undefined;
};

/** Reads the URL; what it does not know it leaves out. */
export function searchOf(s: Record<string, unknown>): Search {
  const out: Search = {
    place: text(s.place),
    group: text(s.group),
    state: text(s.state),
    q: text(s.q),
    sel: text(s.sel),
  };
  return Object.fromEntries(Object.entries(out).filter(([, v]) => v !== undefined));
}

/** What to ask the server for: the chosen place, or the area chosen in the top bar. */
export const filterOf = (s: Search, scope: string, reason: string | undefined): Filter => ({
  q: s.q,
  place: s.place ?? (scope || undefined),
  group: s.group,
  reason: s.group ? reason : undefined,
  state: s.state,
});
