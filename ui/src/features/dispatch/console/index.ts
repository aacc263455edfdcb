import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { lazy } from 'react';
import { type ConsoleFeature, consoleShell } from '@/design/console/frame';
import { useWaitingCount } from '../api';
import { live } from '../live';
import { boardSearch, planSearch, replaySearch, seriesSearch } from './search';

const page = { getParentRoute: () => consoleShell } as const;

const board = createRoute({
  ...page,
  path: '/dispatch',
  validateSearch: boardSearch,
  component: lazyRouteComponent(() => import('./DispatchPage'), 'DispatchPage'),
});

const plan = createRoute({
  ...page,
  path: '/dispatch/plan',
  validateSearch: planSearch,
  component: lazyRouteComponent(() => import('./PlanPage'), 'PlanPage'),
});

const replay = createRoute({
  ...page,
  path: '/dispatch/replay',
  validateSearch: replaySearch,
  component: lazyRouteComponent(() => import('./ReplayPage'), 'ReplayPage'),
});

const accuracy = createRoute({
  ...page,
  path: '/dispatch/accuracy',
  component: lazyRouteComponent(() => import('./AccuracyPage'), 'AccuracyPage'),
});

const series = createRoute({
  ...page,
  path: '/dispatch/series',
  validateSearch: seriesSearch,
  component: lazyRouteComponent(() => import('./SeriesPage'), 'SeriesPage'),
});

export const dispatch: ConsoleFeature = {
  routes: [board, plan, replay, accuracy, series],
  live,
  menu: [
    {
      group: 'duty',
      order: 40,
      path: '/dispatch',
      zh: '调度台',
      en: 'Dispatch',
      icon: 'dispatch',
      permission: 'dispatch.read',
      useCount: useWaitingCount,
    },
  ],
  pieces: [
    {
      slot: 'home.lane',
      order: 30,
      permission: 'dispatch.read',
      component: lazy(() => import('./WaitingLane')),
    },
    {
      slot: 'order.aside',
      order: 20,
      permission: 'dispatch.read',
      component: lazy(() => import('./WhyPiece')),
    },
  ],
};
