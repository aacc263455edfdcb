import { lazy } from 'react';
import type { MobileFeature } from '@/design/mobile/frame';
import { page } from '@/design/mobile/router';

export const demand: MobileFeature = {
  live: () => import('../live').then((m) => m.live),
  pages: [
    page('/h/demand/new', () => import('./NewPage').then((m) => m.NewPage)),
    page('/h/demands/$id', () => import('./DemandPage').then((m) => m.DemandPage)),
  ],
  pieces: [
    { slot: 'h.home', order: 10, permission: 'demand.raise', component: lazy(() => import('./Sos')) },
    { slot: 'h.home', order: 30, permission: 'demand.raise', component: lazy(() => import('./Tiles')) },
    { slot: 'h.services', order: 10, permission: 'demand.read', component: lazy(() => import('./Pending')) },
  ],
};
