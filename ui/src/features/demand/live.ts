import type { LiveRules } from '@/api/live';
import { keys } from './api';

export const live: LiveRules = {
  'demand.*': (e) => [keys.one(e.key), keys.lists, keys.counts],
  'demand.corrected': () => [keys.corrections],
  // what became of the order stands on the demand, too
  'order.opened': () => [keys.lists],
  'order.closed': () => [keys.lists],
};
