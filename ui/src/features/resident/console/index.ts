import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { lazy } from 'react';
import { type ConsoleFeature, consoleShell } from '@/design/console/frame';
import { findResidents } from '../api';
import { live } from '../live';
import { nameOf } from '../words';
import { searchOf } from './search';

const list = createRoute({
  getParentRoute: () => consoleShell,
  path: '/residents',
  validateSearch: searchOf,
  component: lazyRouteComponent(() => import('./ResidentsPage'), 'ResidentsPage'),
});

const fresh = createRoute({
  getParentRoute: () => consoleShell,
  path: '/residents/new',
  validateSearch: (s: Record<string, unknown>): { place?: string } =>
    typeof s.place === 'string' ? { place: s.place } : {},
  component: lazyRouteComponent(() => import('./ResidentFormPage'), 'ResidentFormPage'),
});

const importing = createRoute({
  getParentRoute: () => consoleShell,
  path: '/residents/import',
  validateSearch: (s: Record<string, unknown>): { sel?: string } =>
    typeof s.sel === 'string' ? { sel: s.sel } : {},
  component: lazyRouteComponent(() => import('./ImportPage'), 'ImportPage'),
});

const one = createRoute({
  getParentRoute: () => consoleShell,
  path: '/residents/$id',
  component: lazyRouteComponent(() => import('./ResidentPage'), 'ResidentPage'),
});

const edit = createRoute({
  getParentRoute: () => consoleShell,
  path: '/residents/$id/edit',
  component: lazyRouteComponent(() => import('./ResidentFormPage'), 'ResidentFormPage'),
});

const household = createRoute({
  getParentRoute: () => consoleShell,
  path: '/households/$id',
  component: lazyRouteComponent(() => import('./HouseholdPage'), 'HouseholdPage'),
});

const card = lazy(() => import('./ResidentCard'));

export const resident: ConsoleFeature = {
  routes: [list, fresh, importing, one, edit, household],
  live,
  menu: [
    {
      group: 'people',
      order: 10,
      path: '/residents',
      zh: '居民',
      en: 'Residents',
      icon: 'people',
      permission: 'resident.read',
    },
  ],
  pieces: [
    { slot: 'order.aside', order: 5, permission: 'resident.read', component: card },
    { slot: 'demand.aside', order: 5, permission: 'resident.read', component: card },
  ],
  search: {
    permission: 'resident.read',
    find: async (words, signal) =>
      (await findResidents(words, signal)).items.map((r) => ({
        id: r.id,
        title: nameOf(r),
        note: r.door,
        icon: 'person' as const,
        to: `/residents/${r.id}`,
      })),
  },
};
