import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { type ConsoleFeature, consoleShell } from '@/design/console/frame';

const page = createRoute({
  getParentRoute: () => consoleShell,
  path: '/',
  component: lazyRouteComponent(() => import('./Overview'), 'Overview'),
});

/** The duty home: nothing of its own, made of what the features put into its slots. */
export const overview: ConsoleFeature = {
  routes: [page],
  menu: [
    {
      group: 'duty',
      order: 0,
      path: '/',
      zh: '态势',
      en: 'Overview',
      icon: 'home',
      permission: 'order.read',
    },
  ],
};
