import { useQuery } from '@tanstack/react-query';
import { useEffect } from 'react';
import { get, path, post, put } from '@/api/client';
import { useMay } from '@/api/me';
import { useAct, useList } from '@/api/query';
import type { components } from '@/api/schema.gen';

type S = components['schemas'];

export type Grant = S['AuthGrant'];
export type User = Omit<S['AuthUser'], 'grants'> & { grants: Grant[] };
export type NewUser = Omit<S['AuthNewUser'], 'grants'> & { grants: Grant[] };
export type Line = S['AuthAuditLine'];
export type Chain = S['AccountChain'];
export interface Policy {
  permissions: Record<string, { zh: string; en: string }>;
  roles: Record<string, { zh: string; en: string; actor: string; reach: string; may: string[] | null }>;
  classes: Record<string, Record<string, string>>;
}

export interface TrailFilter {
  user?: string;
  subject?: string;
  act?: string;
  class?: string;
}

export const keys = {
  users: ['auth', 'users'] as const,
  policy: ['auth', 'policy'] as const,
  trail: (f: TrailFilter) => ['auth', 'trail', f] as const,
};

/**
 * All accounts: the list has no search of its own, and a street office has some hundreds of
 * them, so every page is read.
 */
export function useUsers() {
  const may = useMay();
  const q = useList<User>(keys.users, '/api/v1/users', { limit: 200 });
  const { hasNextPage, isFetchingNextPage, fetchNextPage } = q;
  useEffect(() => {
    if (hasNextPage && !isFetchingNextPage) void fetchNextPage();
  }, [hasNextPage, isFetchingNextPage, fetchNextPage]);
  return may('user.read') ? q : { ...q, items: undefined };
}

export const usePolicy = () =>
  useQuery({
    queryKey: keys.policy,
    queryFn: ({ signal }) => get<Policy>('/api/v1/roles', undefined, signal),
    staleTime: Number.POSITIVE_INFINITY,
  });

/** The kinds of actors by name: the rows of the data-class matrix. */
export const useActors = () =>
  useQuery({
    queryKey: ['auth', 'actors'],
    queryFn: ({ signal }) =>
      get<{ kinds: { code: string; zh: string; en: string }[] }>(
        '/api/v1/actor-kinds',
        undefined,
        signal,
      ).then((a) => a.kinds),
    staleTime: Number.POSITIVE_INFINITY,
  });

/** Organizations one may see, to bind a role to one. */
export const useOrgs = () =>
  useQuery({
    queryKey: ['auth', 'orgs'],
    queryFn: ({ signal }) =>
      get<{ items: { id: string; name: string }[] }>('/api/v1/organizations', { limit: 200 }, signal).then(
        (p) => p.items,
      ),
    enabled: useMay()('party.read'),
  });

const stale = { stale: [keys.users] };

export const useCreate = () => useAct((u: NewUser, key) => post<User>('/api/v1/users', u, { key }), stale);

export const useSetGrants = () =>
  useAct(
    (v: { user: Pick<User, 'id' | 'rev'>; grants: Grant[] }) =>
      put<User>(
        path`/api/v1/users/${v.user.id}/grants`,
        { grants: v.grants },
        { headers: { 'If-Match': `"${v.user.rev}"` } },
      ),
    stale,
  );

export const useBlock = () =>
  useAct(
    (v: { id: string; block: boolean }, key) =>
      post(path`/api/v1/users/${v.id}/${v.block ? 'block' : 'unblock'}`, {}, { key }),
    stale,
  );

/** Makes a one-time link; the password and the sessions of the account end. */
export const useInvite = () =>
  useAct((id: string, key) => post<{ token: string }>(path`/api/v1/users/${id}/invite`, {}, { key }), stale);

export const useTrail = (f: TrailFilter) =>
  useList<Line>(keys.trail(f), '/api/v1/audit', { ...f, limit: 100 });

export const verify = () => get<Chain>('/api/v1/audit/chain');

/** Where the one-time link leads; the token stands in the fragment, which no server log ever sees. */
export const linkOf = (token: string): string => `${location.origin}/setup#t=${token}&k=invite`;
