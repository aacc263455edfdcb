import type { MobileFeature } from '@/design/mobile/frame';
import { page } from '@/design/mobile/router';

export const evaluate: MobileFeature = {
  pages: [page('/h/orders/$id/rate', () => import('./RatePage').then((m) => m.RatePage))],
};
