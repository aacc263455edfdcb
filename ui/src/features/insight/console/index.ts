import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { type ConsoleFeature, consoleShell } from '@/design/console/frame';
import { live } from '../live';

const text = (v: unknown) => (v === undefined || v === null || v === '' ? undefined : String(v));

export interface Search {
  span?: string;
  /** Figure in the chart. */
  kpi?: string;
}

export interface RowSearch {
  span?: string;
  part?: string;
}

const board = createRoute({
  getParentRoute: () => consoleShell,
  path: '/insight',
  validateSearch: (s: Record<string, unknown>): Search => ({
    span: text(s.span),
    kpi: text(s.kpi),
  }),
  component: lazyRouteComponent(() => import('./InsightPage'), 'InsightPage'),
});

const costs = createRoute({
  getParentRoute: () => consoleShell,
  path: '/costs',
  validateSearch: (s: Record<string, unknown>): { month?: string } => ({ month: text(s.month) }),
  component: lazyRouteComponent(() => import('./CostsPage'), 'CostsPage'),
});

const rows = createRoute({
  getParentRoute: () => consoleShell,
  path: '/insight/$kpi',
  validateSearch: (s: Record<string, unknown>): RowSearch => ({
    span: text(s.span),
    part: text(s.part),
  }),
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
