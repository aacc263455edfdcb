import { useQueryClient } from '@tanstack/react-query';
import { type Me, meKey } from '@/api/me';
import { go, type PageRoute, page, useHere } from '@/design/mobile/router';
import { features } from './features';
import { Home } from './Home';

const gallery =
  import.meta.env.DEV || import.meta.env.MODE === 'gallery'
    ? [page('/h/__gallery', () => import('@/design/gallery/MobileGallery').then((m) => m.MobileGallery))]
    : [];

const door = (entry: 'h' | 'w') =>
  page(`/${entry}/sign-in`, async () => {
    const { SignIn } = await import('../door/SignIn');
    return function SignInPage() {
      const client = useQueryClient();
      const { search } = useHere();
      return (
        <SignIn
          onDone={(me: Me) => {
            client.clear();
            client.setQueryData(meKey, me);
            go(search.get('to') ?? `/${entry}`, { replace: true });
          }}
        />
      );
    };
  });

/** Pages for everybody. */
export const open: PageRoute[] = [door('h'), door('w'), ...gallery];

/** Pages of a signed-in person: the two homes, the own account, and every feature's pages. */
export const own: PageRoute[] = [
  { path: '/h', page: () => <Home entry="h" /> },
  { path: '/w', page: () => <Home entry="w" /> },
  page('/h/me', () => import('./Account').then((m) => m.Account)),
  page('/w/me', () => import('./Account').then((m) => m.Account)),
  ...features.flatMap((f) => f.pages),
];
