import { type PageRoute, page } from '@/design/mobile/router';
import { features } from './features';
import { Home } from './Home';

const gallery =
  import.meta.env.DEV || import.meta.env.MODE === 'gallery'
    ? [page('/h/__gallery', () => import('@/design/gallery/MobileGallery').then((m) => m.MobileGallery))]
    : [];

const door = () => import('./SignInPage').then((m) => m.SignInPage);
const account = () => import('./Account').then((m) => m.Account);

/** Pages for everybody. */
export const open: PageRoute[] = [page('/h/sign-in', door), page('/w/sign-in', door), ...gallery];

/** Pages of a signed-in person: the two homes, the own account, and every feature's pages. */
export const own: PageRoute[] = [
  { path: '/h', page: () => <Home entry="h" /> },
  { path: '/w', page: () => <Home entry="w" /> },
  page('/h/me', account),
  page('/w/me', account),
  ...features.flatMap((f) => f.pages),
];
