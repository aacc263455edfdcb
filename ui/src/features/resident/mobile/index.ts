import type { MobileFeature } from '@/design/mobile/frame';
import { page } from '@/design/mobile/router';

export const resident: MobileFeature = {
  live: () => import('../live').then((m) => m.live),
  pages: [page('/h/info', () => import('./InfoPage').then((m) => m.InfoPage))],
  tabs: [
    {
      entry: 'h',
      order: 80,
      path: '/h/info',
      zh: '我的信息',
      en: 'My data',
      icon: 'shield',
      permission: 'resident.read',
    },
  ],
};
