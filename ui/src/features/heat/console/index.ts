import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { type ConsoleFeature, consoleShell } from '@/design/console/frame';
import { live } from '../live';

/** What the map shows is in its address. */
export interface Search {
  item?: string;
  window?: string;
  res?: string;
  view?: string;
  cell?: string;
}

const text = (v: unknown) => (v === undefined || v === null || v === '' ? undefined : String(v));

const map = createRoute({
  getParentRoute: () => consoleShell,
  path: '/heat',
  validateSearch: (s: Record<string, unknown>): Search => ({
    item: text(s.item),
    window: text(s.window),
    res: text(s.res),
    view: text(s.view),
    cell: text(s.cell),
  }),
  component: lazyRouteComponent(() => import('./HeatPage'), 'HeatPage'),
});

export const heat: ConsoleFeature = {
  routes: [map],
  live,
  menu: [
    {
      group: 'space',
      order: 10,
      path: '/heat',
      zh: '热力图',
      en: 'Heat map',
      icon: 'heat',
      permission: 'heat.read',
    },
  ],
};
