import type { LiveRules } from '@/api/live';
import { keys } from './api';

export const live: LiveRules = {
  'order.*': (e) => [keys.one(e.key), keys.lists, keys.board, keys.mine],
  'dispatch.waiting': () => [keys.claims],
  'dispatch.urged': (e) => [keys.one(e.key)],
};
