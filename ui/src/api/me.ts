import { useQuery, useQueryClient } from '@tanstack/react-query';
import { del, get, post } from './client';

/** Who is signed in and what that person may do, as the server says. */
export interface Me {
  user: string;
  name: string;
  roles: string[];
  permissions: string[];
  /** Places the person answers for; the first is where lists start. */
  scopes: string[];
  lang?: string;
  worker?: string;
  resident?: string;
  org?: string;
}

export const meKey = ['me'] as const;

/** The signed-in person; data is undefined while unknown or when nobody is signed in. */
export function useMe() {
  return useQuery({
    queryKey: meKey,
    queryFn: ({ signal }) => get<Me>('/api/v1/me', undefined, signal),
    staleTime: Number.POSITIVE_INFINITY,
  });
}

/** Tells whether the signed-in person holds a permission. No permission asked means yes. */
export function useMay(): (permission?: string) => boolean {
  const { data } = useMe();
  return (permission) => !permission || (data?.permissions.includes(permission) ?? false);
}

export const signIn = (name: string, password: string) => post('/api/v1/session', { name, password });

/** Ends the session and forgets everything this page knew. */
export function useSignOut(after: () => void): () => Promise<void> {
  const client = useQueryClient();
  return async () => {
    try {
      await del('/api/v1/session');
    } finally {
      client.clear();
      after();
    }
  };
}
