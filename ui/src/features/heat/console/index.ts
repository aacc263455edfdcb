import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { type ConsoleFeature, consoleShell } from '@/design/console/frame';
import { live } from '../live';
import { searchOf } from './search';

const map = createRoute({
  getParentRoute: () => consoleShell,
  path: '/heat',
  validateSearch: searchOf,
  component: lazyRouteComponent(() => import('./HeatPage'), 'HeatPage'),
});

export const heat: ConsoleFeature = {
  routes: [map],
  live,
  menu: [
    {
      group: 'space',
      order: 10,
      path: '/heat',
      zh: '热力图',
      en: 'Heat map',
      icon: 'heat',
      permission: 'heat.read',
    },
  ],
};
