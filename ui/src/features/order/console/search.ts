import { millis } from '@/design/format';
import { oneOf, said, text } from '@/design/search';
import { ended, type Filter, type Order, type State, states } from '../api';

/** Everything the list of orders shows, as it stands in the URL. */
export interface Search {
  show?: 'late' | 'done';
  view?: 'board';
  state?: State[];
  item?: string;
  sla?: string;
  broken?: '1';
  q?: string;
  place?: string;
  worker?: string;
  sel?: string;
}

/** Reads the URL; what it does not know it leaves out. */
export function searchOf(s: Record<string, unknown>): Search {
  const named = (Array.isArray(s.state) ? s.state : [s.state]).filter((x): x is State =>
    (states as readonly unknown[]).includes(x),
  );
  return said({
    show: oneOf(s.show, ['late', 'done']),
    view: oneOf(s.view, ['board']),
    state: named.length > 0 ? named : undefined,
    item: text(s.item),
    sla: /^P[1-4]$/.test(String(s.sla)) ? String(s.sla) : undefined,
    broken: s.broken ? '1' : undefined,
    q: text(s.q),
    place: text(s.place),
    worker: text(s.worker),
    sel: text(s.sel),
  });
}

const soon = 30 * 60_000;

/** What to ask the server for; `scope` is the place chosen for the whole console. */
export function filterOf(s: Search, scope = ''): Filter {
  return {
    state: s.state ?? (s.show === 'done' ? ended : undefined),
    item: s.item,
    sla: s.sla,
    breached: s.broken ? true : undefined,
    q: s.q,
    place: s.place ?? (scope || undefined),
    worker: s.worker,
  };
}

/** Whether an order is late or has less than half an hour left; lists are sorted so that these come first. */
export const pressing = (o: Pick<Order, 'due'>, now: number): boolean =>
  !o.due.stopped && (millis(o.due.limit_at) ?? Number.POSITIVE_INFINITY) <= now + soon;
