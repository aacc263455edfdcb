import {
  type QueryKey,
  type UseInfiniteQueryResult,
  useInfiniteQuery,
  useMutation,
  useQueryClient,
} from '@tanstack/react-query';
import { useRef } from 'react';
import { get, type Page, Problem, type Query } from './client';
import { ulid } from './id';

/**
 * A write with one idempotency key per act: made before the first try and kept while the
 * same variables are tried again after a failure that may pass, so a retry can never act
 * twice. `stale` lists what to read again on success.
 */
export function useAct<V = void, T = void>(
  act: (vars: V, key: string) => Promise<T>,
  o: { stale?: QueryKey[] | ((vars: V, out: T) => QueryKey[]); onDone?: (out: T, vars: V) => void } = {},
) {
  const client = useQueryClient();
  const open = useRef<{ vars: string; key: string }>(undefined);
  return useMutation<T, Error, V>({
    mutationFn: async (vars) => {
      const same = JSON.stringify(vars) ?? '';
      if (open.current?.vars !== same) open.current = { vars: same, key: ulid() };
      try {
        const out = await act(vars, open.current.key);
        open.current = undefined;
        return out;
      } catch (err) {
        if (!(err instanceof Problem && err.passing)) open.current = undefined;
        throw err;
      }
    },
    // A conflict says that what was looked at is old.
    onError: (err) => {
      if (!(err instanceof Problem && err.kind === 'conflict') || typeof o.stale === 'function') return;
      for (const queryKey of o.stale ?? []) void client.invalidateQueries({ queryKey });
    },
    onSuccess: (out, vars) => {
      const keys = typeof o.stale === 'function' ? o.stale(vars, out) : o.stale;
      for (const queryKey of keys ?? []) void client.invalidateQueries({ queryKey });
      o.onDone?.(out, vars);
    },
  });
}

/** A list that grows page by page; `items` holds all rows read so far. */
export function useList<T>(key: QueryKey, path: string, query?: Query): ListResult<T> {
  const q = useInfiniteQuery({
    queryKey: key,
    queryFn: ({ pageParam, signal }) => get<Page<T>>(path, { ...query, cursor: pageParam }, signal),
    initialPageParam: '',
    getNextPageParam: (last) => last.next || undefined,
  });
  return Object.assign(q, { items: q.data?.pages.flatMap((p) => p.items) });
}

export type ListResult<T> = UseInfiniteQueryResult<{ pages: Page<T>[] }> & { items: T[] | undefined };
