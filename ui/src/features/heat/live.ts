import type { LiveRules } from '@/api/live';
import { keys } from './api';

/** One event says that counts moved somewhere; it names no cell on purpose. */
export const live: LiveRules = { 'heat.changed': () => [keys.maps] };
