import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { type ConsoleFeature, consoleShell } from '@/design/console/frame';
import { auditSearchOf, userSearchOf } from './search';

const users = createRoute({
  getParentRoute: () => consoleShell,
  path: '/users',
  validateSearch: userSearchOf,
  component: lazyRouteComponent(() => import('./UsersPage'), 'UsersPage'),
});

const create = createRoute({
  getParentRoute: () => consoleShell,
  path: '/users/new',
  component: lazyRouteComponent(() => import('./NewUserPage'), 'NewUserPage'),
});

const audit = createRoute({
  getParentRoute: () => consoleShell,
  path: '/audit',
  validateSearch: auditSearchOf,
  component: lazyRouteComponent(() => import('./AuditPage'), 'AuditPage'),
});

export const auth: ConsoleFeature = {
  routes: [users, create, audit],
  menu: [
    {
      group: 'config',
      order: 30,
      path: '/users',
      zh: '用户',
      en: 'Users',
      icon: 'person',
      permission: 'user.read',
    },
    {
      group: 'config',
      order: 40,
      path: '/audit',
      zh: '审计',
      en: 'Audit',
      icon: 'audit',
      permission: 'audit.read',
    },
  ],
};
