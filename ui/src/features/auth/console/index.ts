import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { type ConsoleFeature, consoleShell } from '@/design/console/frame';
import { type AuditSearch, auditSearchOf, type UserSearch, userSearchOf } from './search';

const users = createRoute({
  getParentRoute: () => consoleShell,
  path: '/users',
  validateSearch: (s: Record<string, unknown>): UserSearch => userSearchOf(s),
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
  validateSearch: (s: Record<string, unknown>): AuditSearch => auditSearchOf(s),
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
