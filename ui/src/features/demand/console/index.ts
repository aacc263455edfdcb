import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { lazy } from 'react';
import { useMay } from '@/api/me';
import { type ConsoleFeature, consoleShell } from '@/design/console/frame';
import { useCounts } from '../api';
import { live } from '../live';
import { searchOf } from './search';
import { useWork } from './useWork';

const inbox = createRoute({
  getParentRoute: () => consoleShell,
  path: '/demands',
  validateSearch: searchOf,
  component: lazyRouteComponent(() => import('./DemandsPage'), 'DemandsPage'),
});

const fresh = createRoute({
  getParentRoute: () => consoleShell,
  path: '/demands/new',
  component: lazyRouteComponent(() => import('./RaisePage'), 'RaisePage'),
});

const importing = createRoute({
  getParentRoute: () => consoleShell,
  path: '/demands/import',
  component: lazyRouteComponent(() => import('./ImportPage'), 'ImportPage'),
});

const taught = createRoute({
  getParentRoute: () => consoleShell,
  path: '/demands/taught',
  component: lazyRouteComponent(() => import('./TaughtPage'), 'TaughtPage'),
});

const one = createRoute({
  getParentRoute: () => consoleShell,
  path: '/demands/$id',
  component: lazyRouteComponent(() => import('./DemandPage'), 'DemandPage'),
});

/** Demands to sort, for those who sort them. */
function useQueued(): number | undefined {
  const sorts = useMay()('demand.triage');
  const queued = useCounts().data?.open.queued;
  return sorts ? queued : undefined;
}

export const demand: ConsoleFeature = {
  routes: [inbox, fresh, importing, taught, one],
  live,
  menu: [
    {
      group: 'duty',
      order: 20,
      path: '/demands',
      zh: '需求',
      en: 'Demands',
      icon: 'inbox',
      permission: 'demand.read',
      useCount: useQueued,
    },
  ],
  work: { permission: 'demand.triage', useRows: useWork },
  pieces: [
    {
      slot: 'top.primary',
      permission: 'demand.raise',
      component: lazy(() => import('./RaiseButton').then((m) => ({ default: m.RaiseButton }))),
    },
    {
      slot: 'home.lane',
      order: 10,
      permission: 'demand.triage',
      component: lazy(() => import('./QueueLane').then((m) => ({ default: m.QueueLane }))),
    },
  ],
};
