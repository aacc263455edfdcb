import type { Detail, Order } from './api';

/** An order as the server tells it, for tests to change. */
export const order = (patch: Partial<Order> = {}): Order => ({
  id: 'ord_1',
  number: '261123-QPV5D',
  round: 1,
  rev: 3,
  state: 'accepted',
  item: 'home-safety',
  spec: 'plumbing',
  zh: '水电急修',
  en: 'Plumbing',
  sla: 'P2',
  source: 'resident',
  place: '990001001001/003/kangle/3/1/502',
  resident: 'res_1',
  name: '王桂兰',
  door: '康乐路3号1单元502室',
  length_s: 3600,
  persons: 1,
  worker: { id: 'wkr_1', name: '魏子涵' },
  auto: true,
  why: [],
  submitted_at: '2026-11-23T09:00:00+08:00',
  opened_at: '2026-11-23T09:00:00+08:00',
  since: '2026-11-23T09:05:00+08:00',
  accepted_at: '2026-11-23T09:05:00+08:00',
  promise: { from: '2026-11-23T14:30:00+08:00', to: '2026-11-23T15:00:00+08:00' },
  due: {
    what: 'start',
    limit_at: '2026-11-23T11:00:00+08:00',
    left_ms: 0,
    owner: { role: 'worker', worker: 'wkr_1' },
  },
  breached: [],
  may: [],
  ...patch,
});

export const detail = (patch: Partial<Detail> = {}): Detail => ({
  ...order(),
  limits: [],
  sop: 'home-safety@1',
  steps: [],
  evidence: [],
  timeline: [],
  ...patch,
});
