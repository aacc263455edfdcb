import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { lazy } from 'react';
import { useMay } from '@/api/me';
import { type ConsoleFeature, consoleShell } from '@/design/console/frame';
import { findOrders, useBoard } from '../api';
import { live } from '../live';
import { searchOf } from './search';
import { useWork } from './useWork';

const list = createRoute({
  getParentRoute: () => consoleShell,
  path: '/orders',
  validateSearch: searchOf,
  component: lazyRouteComponent(() => import('./OrdersPage'), 'OrdersPage'),
});

const one = createRoute({
  getParentRoute: () => consoleShell,
  path: '/orders/$id',
  component: lazyRouteComponent(() => import('./OrderPage'), 'OrderPage'),
});

/** Late orders, for those who can move them. */
function useLate(): number | undefined {
  const moves = useMay()('order.manage');
  const late = useBoard().data?.late;
  return moves ? late : undefined;
}

export const order: ConsoleFeature = {
  routes: [list, one],
  live,
  menu: [
    {
      group: 'duty',
      order: 30,
      path: '/orders',
      zh: '服务单',
      en: 'Orders',
      icon: 'order',
      permission: 'order.read',
      useCount: useLate,
    },
  ],
  pieces: [
    {
      slot: 'home.lane',
      order: 20,
      permission: 'order.read',
      component: lazy(() => import('./LateLane').then((m) => ({ default: m.LateLane }))),
    },
  ],
  work: { permission: 'order.read', useRows: useWork },
  search: {
    permission: 'order.read',
    find: async (words, signal) =>
      (await findOrders(words, signal)).items.map((o) => ({
        id: o.id,
        title: `${o.door ?? ''} ${o.zh}`.trim(),
        note: o.number,
        icon: 'order' as const,
        to: `/orders/${o.id}`,
      })),
  },
};
