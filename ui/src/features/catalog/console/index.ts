import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { get } from '@/api/client';
import { type ConsoleFeature, consoleShell } from '@/design/console/frame';
import { getLang } from '@/i18n';
import type { Catalog } from '../api';
import { live } from '../live';
import { searchOf, sopSearchOf } from './search';

const list = createRoute({
  getParentRoute: () => consoleShell,
  path: '/catalog',
  validateSearch: searchOf,
  component: lazyRouteComponent(() => import('./CatalogPage'), 'CatalogPage'),
});

const sop = createRoute({
  getParentRoute: () => consoleShell,
  path: '/catalog/sops/$code',
  validateSearch: sopSearchOf,
  component: lazyRouteComponent(() => import('./SopPage'), 'SopPage'),
});

export const catalog: ConsoleFeature = {
  routes: [list, sop],
  live,
  menu: [
    {
      group: 'config',
      order: 10,
      path: '/catalog',
      zh: '服务目录',
      en: 'Catalog',
      icon: 'catalog',
      permission: 'catalog.read',
    },
  ],
  search: {
    permission: 'catalog.read',
    find: async (words, signal) => {
      const lang = getLang();
      const q = words.toLowerCase();
      const { specs } = await get<Catalog>('/api/v1/catalog', undefined, signal);
      return specs
        .filter((s) => `${s.zh} ${s.en}`.toLowerCase().includes(q))
        .slice(0, 5)
        .map((s) => ({
          id: `spec ${s.code}`,
          title: s[lang],
          icon: 'catalog' as const,
          to: `/catalog?sel=${s.code}`,
        }));
    },
  },
};
