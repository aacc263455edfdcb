import { useNavigate } from '@tanstack/react-router';
import { useCallback } from 'react';

/**
 * Writes filters, tabs and the selected row into the URL, where a link and the back button
 * find them: `patch({ state: 'open' })`, `patch({ sel: undefined })`.
 */
export function useSearchPatch<S extends object>(): (patch: Partial<S>) => void {
  const navigate = useNavigate();
  return useCallback(
    (patch) => {
      void navigate({
        to: '.',
        replace: true,
        search: ((before: object) =>
          Object.fromEntries(
            Object.entries({ ...before, ...patch }).filter(([, v]) => v !== undefined && v !== ''),
          )) as never,
      });
    },
    [navigate],
  );
}
