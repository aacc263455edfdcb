import { createRoute, createRouter, lazyRouteComponent } from '@tanstack/react-router';
import { consoleRoot, consoleShell } from '@/design/console/frame';
import { features } from './features';
import { FeaturesProvider } from './menu';
import { Crash, NotFound, Shell } from './Shell';

const doors = () => import('./doors');
const outside = () => consoleRoot;
const Frame = () => (
  <FeaturesProvider value={features}>
    <Shell />
  </FeaturesProvider>
);

/** Builds the console's routes: the doors, and every feature's pages inside of the shell. */
export function newRouter() {
  const open = [
    createRoute({
      getParentRoute: outside,
      path: '/sign-in',
      component: lazyRouteComponent(doors, 'SignInPage'),
    }),
    createRoute({
      getParentRoute: outside,
      path: '/setup',
      component: lazyRouteComponent(doors, 'SetUpPage'),
    }),
    createRoute({ getParentRoute: outside, path: '/demo', component: lazyRouteComponent(doors, 'DemoPage') }),
  ];
  const gallery =
    import.meta.env.DEV || import.meta.env.MODE === 'gallery'
      ? [
          createRoute({
            getParentRoute: outside,
            path: '/__gallery',
            component: lazyRouteComponent(() => import('@/design/gallery/ConsoleGallery'), 'ConsoleGallery'),
          }),
        ]
      : [];
  consoleShell.update({ component: Frame });
  const routeTree = consoleRoot.addChildren([
    ...open,
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
