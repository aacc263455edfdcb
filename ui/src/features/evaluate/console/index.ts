import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { useMay } from '@/api/me';
import { type ConsoleFeature, consoleShell } from '@/design/console/frame';
import { useRates } from '../api';
import { live } from '../live';
import { searchOf } from './search';

const page = createRoute({
  getParentRoute: () => consoleShell,
  path: '/evaluate',
  validateSearch: searchOf,
  component: lazyRouteComponent(() => import('./EvaluatePage'), 'EvaluatePage'),
});

/** Calls to make, for those who make them. */
function useOpenCalls(): number | undefined {
  const calls = useMay()('evaluate.callback');
  const open = useRates(undefined, calls).data?.open;
  return calls ? open : undefined;
}

export const evaluate: ConsoleFeature = {
  routes: [page],
  live,
  menu: [
    {
      group: 'govern',
      order: 20,
      path: '/evaluate',
      zh: '评价回访',
      en: 'Ratings',
      icon: 'star',
      permission: 'evaluate.read',
      useCount: useOpenCalls,
    },
  ],
};
