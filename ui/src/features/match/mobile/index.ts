import { lazy } from 'react';
import type { MobileFeature } from '@/design/mobile/frame';
import { page } from '@/design/mobile/router';

export const match: MobileFeature = {
  live: () => import('../live').then((m) => m.live),
  pages: [page('/h/facilities', () => import('./SlotPage').then((m) => m.SlotPage))],
  pieces: [
    { slot: 'h.home', order: 40, permission: 'facility.book', component: lazy(() => import('./BookRow')) },
  ],
};
