import { lazy } from 'react';
import type { MobileFeature } from '@/design/mobile/frame';
import { page } from '@/design/mobile/router';

export const order: MobileFeature = {
  live: () => import('../live').then((m) => m.live),
  pages: [
    page('/h/orders', () => import('./ServicesPage').then((m) => m.ServicesPage)),
    page('/h/orders/$id', () => import('./ServicePage').then((m) => m.ServicePage)),
    page('/w/jobs/$id', () => import('./JobPage').then((m) => m.JobPage)),
    page('/w/claims', () => import('./ClaimsPage').then((m) => m.ClaimsPage)),
    page('/w/done', () => import('./DonePage').then((m) => m.DonePage)),
  ],
  tabs: [
    {
      entry: 'h',
      order: 10,
      path: '/h/orders',
      zh: '服务',
      en: 'Services',
      icon: 'order',
      permission: 'order.read',
    },
    {
      entry: 'w',
      order: 10,
      path: '/w/claims',
      zh: '抢单',
      en: 'Claim',
      icon: 'flag',
      permission: 'dispatch.answer',
    },
    {
      entry: 'w',
      order: 20,
      path: '/w/done',
      zh: '已办',
      en: 'Done',
      icon: 'check',
      permission: 'order.work',
    },
  ],
  pieces: [
    { slot: 'h.home', order: 20, permission: 'order.read', component: lazy(() => import('./Running')) },
    { slot: 'w.home', order: 10, permission: 'order.work', component: lazy(() => import('./TodayList')) },
  ],
};
