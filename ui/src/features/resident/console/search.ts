import { texts } from '@/design/search';
import type { Filter } from '../api';

/** Everything the list of residents shows, as it stands in the URL. */
export const searchOf = texts('place', 'group', 'state', 'q', 'sel');
export type Search = ReturnType<typeof searchOf>;

/** What to ask the server for: the chosen place, or the area chosen in the top bar. */
export const filterOf = (s: Search, scope: string, reason: string | undefined): Filter => ({
  q: s.q,
  place: s.place ?? (scope || undefined),
  group: s.group,
  reason: s.group ? reason : undefined,
  state: s.state,
});
