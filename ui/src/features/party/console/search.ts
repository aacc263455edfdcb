import { oneOf, said, text } from '@/design/search';
import type { OrgFilter, WorkerFilter } from '../api';

export const tabs = ['workers', 'certificates', 'shifts', 'roles'] as const;

/** Everything the pages of partners show, as it stands in the URL. */
export interface Search {
  /** Organizations when left out. */
  tab?: (typeof tabs)[number];
  kind?: string;
  org?: string;
  skill?: string;
  state?: string;
  q?: string;
  /** How far certificates are looked ahead, in days; 30 when left out. */
  within?: '400';
  /** Weeks from this one. */
  week?: string;
  /** An organization, or on the other tabs a worker. */
  sel?: string;
}

/** Reads the URL; what it does not know it leaves out. */
export function searchOf(s: Record<string, unknown>): Search {
  return said({
    tab: oneOf(s.tab, tabs),
    kind: text(s.kind),
    org: text(s.org),
    skill: text(s.skill),
    state: text(s.state),
    q: text(s.q),
    within: String(s.within) === '400' ? '400' : undefined,
    week: /^-?\d{1,2}$/.test(String(s.week)) ? String(s.week) : undefined,
    sel: text(s.sel),
  });
}

export const orgFilter = (s: Search, scope: string): OrgFilter => ({
  kind: s.kind,
  state: s.state,
  q: s.q,
  place: scope || undefined,
});

export const workerFilter = (s: Search, scope: string): WorkerFilter => ({
  org: s.org,
  skill: s.skill,
  state: s.state,
  q: s.q,
  place: scope || undefined,
});
