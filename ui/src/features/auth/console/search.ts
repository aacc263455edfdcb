import { oneOf, said, text } from '@/design/search';
import type { TrailFilter } from '../api';

/** What the page of users shows, as it stands in the URL. */
export interface UserSearch {
  tab?: 'roles' | 'classes';
  /** Staff when left out. */
  show?: 'phone' | 'all';
  role?: string;
  state?: string;
  q?: string;
  sel?: string;
}

/** What the trail shows, as it stands in the URL. */
export interface AuditSearch {
  /** All lines when left out. */
  range?: 'D3' | 'grant' | 'failed';
  user?: string;
  subject?: string;
  act?: string;
  class?: string;
  sel?: string;
}

export const userSearchOf = (s: Record<string, unknown>): UserSearch =>
  said({
    tab: oneOf(s.tab, ['roles', 'classes'] as const),
    show: oneOf(s.show, ['phone', 'all'] as const),
    role: text(s.role),
    state: text(s.state),
    q: text(s.q),
    sel: text(s.sel),
  });

export const auditSearchOf = (s: Record<string, unknown>): AuditSearch =>
  said({
    range: oneOf(s.range, ['D3', 'grant', 'failed'] as const),
    user: text(s.user),
    subject: text(s.subject),
    act: text(s.act),
    class: text(s.class),
    sel: text(s.sel),
  });

/** What to ask the server for: a range is a fixed act or class, unless one was chosen by hand. */
export const trailOf = (s: AuditSearch): TrailFilter => ({
  user: s.user,
  subject: s.subject,
  act: s.act ?? (s.range === 'grant' ? 'user.grant' : s.range === 'failed' ? 'session.failed' : undefined),
  class: s.class ?? (s.range === 'D3' ? 'D3' : undefined),
});
