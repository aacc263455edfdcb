import type { MobileFeature } from '@/design/mobile/frame';
import { page } from '@/design/mobile/router';

export const party: MobileFeature = {
  live: () => import('../live').then((m) => m.live),
  pages: [page('/w/shifts', () => import('./ShiftsPage').then((m) => m.ShiftsPage))],
  tabs: [
    {
      entry: 'w',
      order: 60,
      path: '/w/shifts',
      zh: '班次',
      en: 'Shifts',
      icon: 'calendar',
      permission: 'party.self',
    },
  ],
};
