import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { lazy } from 'react';
import { type ConsoleFeature, consoleShell } from '@/design/console/frame';
import { useWaitingCount } from '../api';
import { live } from '../live';

const text = (v: unknown) => (typeof v === 'string' && v !== '' ? v : undefined);

/** What the board shows is in its address: the day, whose lanes, the chosen order or worker. */
export interface Search {
  day?: string;
  who?: string;
  q?: string;
  sel?: string;
  worker?: string;
  map?: string;
}

const board = createRoute({
  getParentRoute: () => consoleShell,
  path: '/dispatch',
  validateSearch: (s: Record<string, unknown>): Search => ({
    day: text(s.day) ?? (typeof s.day === 'number' ? String(s.day) : undefined),
    who: text(s.who),
    q: text(s.q),
    sel: text(s.sel),
    worker: text(s.worker),
    map: text(s.map),
  }),
  component: lazyRouteComponent(() => import('./DispatchPage'), 'DispatchPage'),
});

const day = (v: unknown) => text(v) ?? (typeof v === 'number' ? String(v) : undefined);

const plan = createRoute({
  getParentRoute: () => consoleShell,
  path: '/dispatch/plan',
  validateSearch: (s: Record<string, unknown>) => ({ day: day(s.day), sel: text(s.sel) }),
  component: lazyRouteComponent(() => import('./PlanPage'), 'PlanPage'),
});

const replay = createRoute({
  getParentRoute: () => consoleShell,
  path: '/dispatch/replay',
  validateSearch: (s: Record<string, unknown>) => ({ back: day(s.back), at: day(s.at) }),
  component: lazyRouteComponent(() => import('./ReplayPage'), 'ReplayPage'),
});

const series = createRoute({
  getParentRoute: () => consoleShell,
  path: '/dispatch/series',
  component: lazyRouteComponent(() => import('./SeriesPage'), 'SeriesPage'),
});

export const dispatch: ConsoleFeature = {
  routes: [board, plan, replay, series],
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
