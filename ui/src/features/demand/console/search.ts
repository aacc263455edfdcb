import { oneOf, said, text } from '@/design/search';
import { type Filter, type Source, sources } from '../api';

/** Everything the inbox shows, as it stands in the URL. */
export interface Search {
  show?: 'hint' | 'going' | 'referred' | 'all';
  source?: Source;
  item?: string;
  mark?: 'near' | 'danger';
  q?: string;
  sel?: string;
}

/** Reads the URL; what it does not know it leaves out. */
export function searchOf(s: Record<string, unknown>): Search {
  return said({
    show: oneOf(s.show, ['hint', 'going', 'referred', 'all']),
    source: oneOf(s.source, sources),
    item: text(s.item),
    mark: oneOf(s.mark, ['near', 'danger']),
    q: text(s.q),
    sel: text(s.sel),
  });
}

const stateOf = { hint: 'hint', going: 'ready,ordered', referred: 'referred', all: undefined } as const;

/** What to ask the server for. Danger is looked for in every state; all demands come newest first. */
export function filterOf(s: Search, scope = ''): Filter {
  const danger = s.mark === 'danger';
  return {
    state: danger ? undefined : s.show ? stateOf[s.show] : 'queued',
    source: s.source,
    item: s.item,
    place: scope || undefined,
    q: s.q,
    near: s.mark === 'near',
    attention: danger,
    sort: s.show === 'all' || s.show === 'referred' ? 'new' : undefined,
  };
}
