import { lazy } from 'react';
import type { MobileFeature } from '@/design/mobile/frame';
import { page } from '@/design/mobile/router';
import { live } from '../live';

export const match: MobileFeature = {
  live,
  pages: [page('/h/facilities', () => import('./SlotPage').then((m) => m.SlotPage))],
  pieces: [
    { slot: 'h.home', order: 40, permission: 'facility.book', component: lazy(() => import('./BookRow')) },
  ],
};
