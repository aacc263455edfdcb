import type { LiveRules } from '@/api/live';
import { keys } from './api';

export const live: LiveRules = {
  'resident.*': (e) => [keys.one(e.key), keys.lists, keys.households],
  'resident.places_changed': () => [['places']],
  'resident.imported': () => [keys.imports],
};
