import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { lazy } from 'react';
import { get, type Page } from '@/api/client';
import { useMay } from '@/api/me';
import { type ConsoleFeature, consoleShell } from '@/design/console/frame';
import { type Org, useExpiring, type Worker } from '../api';
import { live } from '../live';
import { searchOf } from './search';

const list = createRoute({
  getParentRoute: () => consoleShell,
  path: '/parties',
  validateSearch: searchOf,
  component: lazyRouteComponent(() => import('./PartiesPage'), 'PartiesPage'),
});

const orgForm = () => import('./OrgFormPage');
const workerForm = () => import('./WorkerFormPage');

const newOrg = createRoute({
  getParentRoute: () => consoleShell,
  path: '/parties/orgs/new',
  component: lazyRouteComponent(orgForm, 'OrgFormPage'),
});

const editOrg = createRoute({
  getParentRoute: () => consoleShell,
  path: '/parties/orgs/$id/edit',
  component: lazyRouteComponent(orgForm, 'OrgFormPage'),
});

const newWorker = createRoute({
  getParentRoute: () => consoleShell,
  path: '/parties/workers/new',
  validateSearch: (s: Record<string, unknown>): { org?: string } =>
    typeof s.org === 'string' ? { org: s.org } : {},
  component: lazyRouteComponent(workerForm, 'WorkerFormPage'),
});

const editWorker = createRoute({
  getParentRoute: () => consoleShell,
  path: '/parties/workers/$id/edit',
  component: lazyRouteComponent(workerForm, 'WorkerFormPage'),
});

const worker = createRoute({
  getParentRoute: () => consoleShell,
  path: '/parties/workers/$id',
  component: lazyRouteComponent(() => import('./WorkerPage'), 'WorkerPage'),
});

/** Certificates that no longer hold, for those who can do something about it. */
function useExpired(): number | undefined {
  const may = useMay();
  const { data } = useExpiring(30, may('party.write'));
  return data?.items.filter((c) => !c.valid).length;
}

export const party: ConsoleFeature = {
  routes: [list, newOrg, editOrg, newWorker, editWorker, worker],
  live,
  menu: [
    {
      group: 'people',
      order: 20,
      path: '/parties',
      zh: '伙伴',
      en: 'Partners',
      icon: 'party',
      permission: 'party.read',
      useCount: useExpired,
    },
  ],
  pieces: [
    {
      slot: 'home.lane',
      order: 40,
      permission: 'party.read',
      component: lazy(() => import('./OnShiftLane')),
    },
  ],
  search: {
    permission: 'party.read',
    find: async (q, signal) => {
      const [workers, orgs] = await Promise.all([
        get<Page<Worker>>('/api/v1/workers', { q, limit: 5 }, signal),
        get<Page<Org>>('/api/v1/organizations', { q, limit: 5 }, signal),
      ]);
      return [
        ...workers.items.map((w) => ({
          id: w.id,
          title: w.name,
          note: w.org_name,
          icon: 'person' as const,
          to: `/parties/workers/${w.id}`,
        })),
        ...orgs.items.map((o) => ({
          id: o.id,
          title: o.name,
          icon: 'party' as const,
          to: `/parties?sel=${o.id}`,
        })),
      ];
    },
  },
};
