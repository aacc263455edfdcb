import { type QueryClient, useQuery, useQueryClient } from '@tanstack/react-query';
import { adoptLang } from '@/i18n';
import { call, del, get, patch, post } from './client';

/** Who is signed in and what that person may do, as the server says. */
export interface Me {
  user: string;
  name: string;
  lang: 'zh' | 'en';
  roles: string[];
  grants: { role: string; zh: string; en: string; place?: string; org?: string }[];
  /** Places the person answers for; lists start at the first. */
  scopes: string[];
  permissions: string[];
  org?: string;
  resident?: string;
  wards?: string[];
  worker?: string;
}

export const meKey = ['me'] as const;

/** The signed-in person; data is undefined while unknown or when nobody is signed in. */
export function useMe() {
  return useQuery({
    queryKey: meKey,
    queryFn: async ({ signal }) => {
      const me = await get<Me>('/api/v1/me', undefined, signal);
      adoptLang(me.lang);
      return me;
    },
    staleTime: Number.POSITIVE_INFINITY,
  });
}

/** Makes the person who just signed in the one this page knows, and forgets the last. */
export function welcome(client: QueryClient, me: Me): void {
  client.clear();
  client.setQueryData(meKey, me);
  adoptLang(me.lang);
}

/** Tells whether the signed-in person holds a permission. No permission asked means yes. */
export function useMay(): (permission?: string) => boolean {
  const { data } = useMe();
  return (permission) => !permission || (data?.permissions.includes(permission) ?? false);
}

/** Opens a session; the answer is the person. */
export const signIn = (name: string, password: string) => post<Me>('/api/v1/session', { name, password });

/** Uses a one-time link: chooses a password, and with the first setup also the names. */
export const setUp = (v: { token: string; login?: string; name?: string; password: string }) =>
  post<Me>('/api/v1/setup', v);

/** Remembers the language with the account, so that it follows the person to another machine. */
export const saveLang = (lang: 'zh' | 'en') => patch('/api/v1/me', { lang });

/** A person of the demonstration one may step into; the server answers on loopback only. */
export interface DemoPerson {
  user: string;
  name: string;
  role: string;
  zh: string;
  en: string;
  page: string;
}

export const demoPeople = () => get<{ items: DemoPerson[] }>('/api/v1/demo/roles');
export const stepInto = async (user: string): Promise<Me> => {
  await call('POST', '/api/v1/demo/sessions', { body: { user } });
  return get<Me>('/api/v1/me');
};

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
