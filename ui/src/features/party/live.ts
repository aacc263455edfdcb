import type { LiveRules } from '@/api/live';
import { keys } from './api';

export const live: LiveRules = {
  'party.worker_changed': (e) => [keys.workers, keys.worker(e.key), keys.expiring, keys.orgs, keys.mine],
  'party.org_changed': (e) => [keys.orgs, keys.org(e.key), keys.workers],
  'party.certificate_expiring': () => [keys.expiring],
};
