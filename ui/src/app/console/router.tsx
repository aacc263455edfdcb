import type { QueryClient } from '@tanstack/react-query';
import { createRoute, createRouter, lazyRouteComponent, useNavigate } from '@tanstack/react-router';
import { type Me, meKey } from '@/api/me';
import { consoleRoot, consoleShell } from '@/design/console/frame';
import { Demo } from '../door/Demo';
import { homeOf } from '../door/home';
import { SetUp } from '../door/SetUp';
import { SignIn } from '../door/SignIn';
import { features } from './features';
import { Crash, NotFound, Shell } from './Shell';

/** Builds the console's routes: the doors, and every feature's pages inside of the shell. */
export function newRouter(client: QueryClient) {
  const done =
    (go: (to: string) => void) =>
    (me: Me, page: string = homeOf(me)) => {
      client.clear();
      client.setQueryData(meKey, me);
      if (page === '/') go(new URLSearchParams(location.search).get('to') ?? '/');
      else location.assign(page); // another entry, another program
    };
  const useDone = () => {
    const navigate = useNavigate();
    return done((to) => void navigate({ to, replace: true }));
  };
  const door = (path: string, Page: (p: { done: ReturnType<typeof useDone> }) => React.ReactNode) =>
    createRoute({
      getParentRoute: () => consoleRoot,
      path,
      component: function DoorPage() {
        return <Page done={useDone()} />;
      },
    });
  const doors = [
    door('/sign-in', ({ done }) => <SignIn onDone={(me) => done(me)} />),
    door('/setup', ({ done }) => <SetUp onDone={(me) => done(me)} />),
    door('/demo', ({ done }) => <Demo onDone={done} />),
  ];
  const gallery =
    import.meta.env.DEV || import.meta.env.MODE === 'gallery'
      ? [
          createRoute({
            getParentRoute: () => consoleRoot,
            path: '/__gallery',
            component: lazyRouteComponent(() => import('@/design/gallery/ConsoleGallery'), 'ConsoleGallery'),
          }),
        ]
      : [];
  consoleShell.update({ component: Shell });
  const routeTree = consoleRoot.addChildren([
    ...doors,
    ...gallery,
    consoleShell.addChildren(features.flatMap((f) => f.routes)),
  ]);
  return createRouter({
    routeTree,
    defaultPreload: 'intent',
    defaultNotFoundComponent: NotFound,
    defaultErrorComponent: Crash,
    scrollRestoration: true,
  });
}
