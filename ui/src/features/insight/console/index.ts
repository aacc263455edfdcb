import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { type ConsoleFeature, consoleShell } from '@/design/console/frame';
import { live } from '../live';
import { costSearchOf, rowSearchOf, searchOf } from './search';

const board = createRoute({
  getParentRoute: () => consoleShell,
  path: '/insight',
  validateSearch: searchOf,
  component: lazyRouteComponent(() => import('./InsightPage'), 'InsightPage'),
});

const costs = createRoute({
  getParentRoute: () => consoleShell,
  path: '/costs',
  validateSearch: costSearchOf,
  component: lazyRouteComponent(() => import('./CostsPage'), 'CostsPage'),
});

const rows = createRoute({
  getParentRoute: () => consoleShell,
  path: '/insight/$kpi',
  validateSearch: rowSearchOf,
  component: lazyRouteComponent(() => import('./RowsPage'), 'RowsPage'),
});

export const insight: ConsoleFeature = {
  routes: [board, costs, rows],
  live,
  menu: [
    {
      group: 'govern',
      order: 10,
      path: '/insight',
      zh: '指标',
      en: 'Key figures',
      icon: 'chart',
      permission: 'insight.read',
    },
    {
      group: 'govern',
      order: 30,
      path: '/costs',
      zh: '治理成本',
      en: 'Costs',
      icon: 'text',
      permission: 'insight.cost',
    },
  ],
};
