import { useQuery } from '@tanstack/react-query';
import { call, del, get, type Page, patch, path, post, put } from '@/api/client';
import { useMay } from '@/api/me';
import { useAct, useList } from '@/api/query';
import type { components } from '@/api/schema.gen';

type S = components['schemas'];

/** A person of the register. Groups are null for who may not see them. */
export type Resident = Omit<S['ResidentResident'], 'groups'> & { groups: string[] | null };
/** A person with everything that hangs on them. */
export type Detail = Omit<S['ResidentResidentBody'], 'groups'> & { groups: string[] | null };
export type Draft = S['ResidentDraft'];
export type Codes = S['ResidentCodes'];
export type Purpose = S['ResidentPurpose'];
export type Consent = S['ResidentConsent'];
export type Channel = S['ResidentConsentDraft']['channel'];
export type Contact = S['ResidentContact'];
/** Who may act for a resident. */
export type Stand = S['ResidentProxy'];
export type Household = Omit<S['ResidentHousehold'], 'members'> & { members: Resident[] };
export type Place = S['ResidentPlace'];
export type Report = S['ResidentReport'];
export type Fault = S['ResidentProblem'];

export interface Filter {
  q?: string;
  place?: string;
  group?: string;
  /** Why a sensitive group is listed. */
  reason?: string;
  state?: string;
}

export const keys = {
  all: ['resident'] as const,
  lists: ['resident', 'list'] as const,
  list: (f: Filter) => ['resident', 'list', f] as const,
  one: (id: string) => ['resident', 'one', id] as const,
  households: ['resident', 'household'] as const,
  household: (id: string) => ['resident', 'household', id] as const,
  imports: ['resident', 'imports'] as const,
  import: (id: string) => ['resident', 'imports', id] as const,
  codes: ['resident', 'codes'] as const,
  below: (parent: string) => ['places', 'below', parent] as const,
};

export const useResidents = (f: Filter) => useList<Resident>(keys.list(f), '/api/v1/residents', { ...f });

export const findResidents = (q: string, signal?: AbortSignal) =>
  get<Page<Resident>>('/api/v1/residents', { q, limit: 8 }, signal);

export const useResident = (id: string | undefined) =>
  useQuery({
    queryKey: keys.one(id ?? ''),
    queryFn: ({ signal }) => get<Detail>(path`/api/v1/residents/${id ?? ''}`, undefined, signal),
    enabled: Boolean(id),
  });

export const useHousehold = (id: string | undefined) =>
  useQuery({
    queryKey: keys.household(id ?? ''),
    queryFn: ({ signal }) => get<Household>(path`/api/v1/households/${id ?? ''}`, undefined, signal),
    enabled: Boolean(id),
  });

export const useCodes = () =>
  useQuery({
    queryKey: keys.codes,
    queryFn: ({ signal }) => get<Codes>('/api/v1/resident-codes', undefined, signal),
    staleTime: Number.POSITIVE_INFINITY,
  });

/** Places directly below one, or the communities when none is named. */
export const placesBelow = (parent: string, signal?: AbortSignal) =>
  get<Page<Place>>('/api/v1/places', { parent: parent || undefined, limit: 200 }, signal).then(
    (p) => p.items,
  );

export function usePlacesBelow(parent: string | undefined) {
  const may = useMay();
  return useQuery({
    queryKey: keys.below(parent ?? ''),
    queryFn: ({ signal }) => placesBelow(parent ?? '', signal),
    enabled: parent !== undefined && may('place.read'),
  });
}

const rev = (n: number) => ({ 'If-Match': `"${n}"` });

/** Registers somebody, or changes what the draft says of somebody. */
export const useSave = () =>
  useAct(
    (v: { id?: string; rev?: number; draft: Draft }, key) =>
      v.id
        ? patch<Resident>(path`/api/v1/residents/${v.id}`, v.draft, { headers: rev(v.rev ?? 0) })
        : post<Resident>('/api/v1/residents', v.draft, { key }),
    { stale: [keys.all] },
  );

/** Opens what is sealed about one person, for a reason that stays in the trail. */
export const reveal = (id: string, reason: string, fields?: string[]) =>
  post<Resident>(path`/api/v1/residents/${id}/reveal`, { reason, fields });

export const useForget = () =>
  useAct((v: { id: string; reason: string }, key) =>
    post(path`/api/v1/residents/${v.id}/forget`, { reason: v.reason }, { key }),
  );

const staleOne = (v: { id: string }) => [keys.one(v.id)];

export const useGive = () =>
  useAct(
    (v: { id: string; purpose: Purpose; channel: Channel }, key) =>
      post(
        path`/api/v1/residents/${v.id}/consents`,
        { purpose: v.purpose.code, version: v.purpose.version, channel: v.channel },
        { key },
      ),
    { stale: staleOne },
  );

export const useWithdraw = () =>
  useAct(
    (v: { id: string; purpose: string }, key) =>
      post(path`/api/v1/residents/${v.id}/consents/${v.purpose}/withdraw`, {}, { key }),
    { stale: staleOne },
  );

export const useAddContact = () =>
  useAct(
    (v: { id: string; contact: S['ResidentContactDraft'] }, key) =>
      post(path`/api/v1/residents/${v.id}/contacts`, v.contact, { key }),
    { stale: staleOne },
  );

export const useRemoveContact = () =>
  useAct((v: { id: string; contact: string }) => del(path`/api/v1/residents/${v.id}/contacts/${v.contact}`), {
    stale: staleOne,
  });

export const useAddProxy = () =>
  useAct(
    (v: { id: string; proxy: S['ResidentProxyDraft'] }, key) =>
      post(path`/api/v1/residents/${v.id}/proxies`, v.proxy, { key }),
    { stale: staleOne },
  );

export const useEndProxy = () =>
  useAct(
    (v: { id: string; proxy: string }, key) =>
      post(path`/api/v1/residents/${v.id}/proxies/${v.proxy}/end`, {}, { key }),
    { stale: staleOne },
  );

/** Makes a household where the person lives and puts the person into it. */
export const useFound = () =>
  useAct(
    async (r: Resident | Detail, key) => {
      const h = await post<Household>('/api/v1/households', { place: r.place }, { key });
      await join(r, h.id);
      return h;
    },
    { stale: [keys.all] },
  );

const join = (r: { id: string; rev: number }, household: string, relation?: string) =>
  patch<Resident>(path`/api/v1/residents/${r.id}`, { household, relation }, { headers: rev(r.rev) });

/** Puts a person into a household, or out of it with an empty one. */
export const useJoin = () =>
  useAct(
    (v: { resident: { id: string; rev: number }; household: string; relation?: string }) =>
      join(v.resident, v.household, v.relation),
    { stale: [keys.all] },
  );

export const useSaveHousehold = () =>
  useAct(
    (v: { household: Household; place: string; number: string }) =>
      put<Household>(
        path`/api/v1/households/${v.household.id}`,
        { place: v.place, number: v.number },
        { headers: rev(v.household.rev) },
      ),
    { stale: [keys.all] },
  );

export const useImports = () => useList<Report>(keys.imports, '/api/v1/resident-imports', { limit: 20 });

export const useReport = (id: string | undefined) =>
  useQuery({
    queryKey: keys.import(id ?? ''),
    queryFn: ({ signal }) => get<Report>(path`/api/v1/resident-imports/${id ?? ''}`, undefined, signal),
    enabled: Boolean(id),
  });

export const useImport = () =>
  useAct(
    (v: { file: File; place?: string }, key) =>
      call<Report>('POST', '/api/v1/resident-imports', {
        key,
        body: v.file,
        query: { place: v.place, filename: v.file.name },
      }),
    { stale: [keys.all] },
  );
