import type { LiveRules } from '@/api/live';
import { keys } from './api';

const moved = (order: string) => [
  keys.boards,
  keys.allOrders,
  keys.counts,
  keys.why(order),
  keys.order(order),
];

/** Whoever is sent where moves the board; a change of a worker may change every answer. */
export const live: LiveRules = {
  'dispatch.*': (e) => moved(e.key),
  'order.*': (e) => moved(e.key),
  'party.*': () => [keys.boards, keys.whys, ['dispatch', 'orgs']],
};
