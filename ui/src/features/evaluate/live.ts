import type { LiveRules } from '@/api/live';
import { keys } from './api';

export const live: LiveRules = {
  'order.rated': () => [keys.all],
  'evaluate.*': () => [keys.all],
};
