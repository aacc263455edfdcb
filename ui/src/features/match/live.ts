import type { LiveRules } from '@/api/live';
import { keys } from './api';

/** The key of these events is the facility. */
export const live: LiveRules = {
  'match.*': (e) => [keys.slots(e.key), keys.bookings(e.key)],
  'match.facility': () => [keys.list],
};
