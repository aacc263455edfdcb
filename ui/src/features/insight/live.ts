import type { LiveRules } from '@/api/live';
import { keys } from './api';

const moved = () => [keys.boards];

/** Whatever a figure counts moves the figures. Days and rows are read when asked for. */
export const live: LiveRules = {
  'demand.*': moved,
  'order.*': moved,
  'evaluate.*': moved,
  'match.*': moved,
};
