import { QueryClient } from '@tanstack/react-query';
import { Problem } from './problem';

/** The cache of everything the server told. The live stream says what is out of date, so nothing is polled. */
export function newQueryClient(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: {
        staleTime: 60_000,
        gcTime: 10 * 60_000,
        refetchOnWindowFocus: false,
        networkMode: 'always', // an intranet is reachable without the internet the browser asks about
        retry: (n, err) => n < 2 && err instanceof Problem && err.passing,
        retryDelay: (n) => 1000 * 2 ** n,
      },
      mutations: { networkMode: 'always', retry: false },
    },
  });
}
