import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { get, type Page } from '@/api/client';
import { type ConsoleFeature, consoleShell } from '@/design/console/frame';
import type { Facility } from '../api';
import { live } from '../live';
import { searchOf } from './search';

const list = createRoute({
  getParentRoute: () => consoleShell,
  path: '/facilities',
  validateSearch: searchOf,
  component: lazyRouteComponent(() => import('./FacilitiesPage'), 'FacilitiesPage'),
});

const create = createRoute({
  getParentRoute: () => consoleShell,
  path: '/facilities/new',
  component: lazyRouteComponent(() => import('./FacilityFormPage'), 'FacilityFormPage'),
});

const edit = createRoute({
  getParentRoute: () => consoleShell,
  path: '/facilities/$id',
  component: lazyRouteComponent(() => import('./FacilityFormPage'), 'FacilityFormPage'),
});

export const match: ConsoleFeature = {
  routes: [list, create, edit],
  live,
  menu: [
    {
      group: 'space',
      order: 30,
      path: '/facilities',
      zh: '设施',
      en: 'Facilities',
      icon: 'building',
      permission: 'facility.read',
    },
  ],
  search: {
    permission: 'facility.read',
    find: async (words, signal) => {
      const q = words.toLowerCase();
      const all = await get<Page<Facility>>('/api/v1/facilities', { limit: 200 }, signal);
      return all.items
        .filter((f) => f.name.toLowerCase().includes(q))
        .slice(0, 5)
        .map((f) => ({ id: f.id, title: f.name, icon: 'building' as const, to: `/facilities?sel=${f.id}` }));
    },
  },
};
