import type { LiveRules } from '@/api/live';
import { keys } from './api';

export const live: LiveRules = {
  'catalog.changed': () => [keys.all],
};
