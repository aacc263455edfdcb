import { type UseQueryResult, useQuery } from '@tanstack/react-query';
import { call, del, get, path, post } from '@/api/client';
import { useMe } from '@/api/me';
import { useAct, useList } from '@/api/query';

export const sources = [
  'resident',
  'counter',
  'ticket',
  'survey',
  'data',
  'observation',
  'forecast',
  'series',
] as const;
export type Source = (typeof sources)[number];

export const states = [
  'new',
  'queued',
  'hint',
  'ready',
  'ordered',
  'referred',
  'merged',
  'withdrawn',
  'closed',
] as const;
export type State = (typeof states)[number];

/** What a clerk is asked for. */
export type Why =
  | 'unclear'
  | 'untrusted'
  | 'place'
  | 'person'
  | 'consent'
  | 'danger'
  | 'unmerged'
  | 'forecast';

export interface Demand {
  id: string;
  source: Source;
  system?: string;
  external_id?: string;
  state: State;
  rev: number;
  title: string;
  text: string;
  resident?: string;
  place: string;
  at?: { lng: number; lat: number };
  item?: string;
  spec?: string;
  office?: string;
  certainty: number;
  confidence: number;
  urgency: number;
  attention?: boolean;
  why: Why[];
  wish_from?: string;
  wish_to?: string;
  raised_at: string;
  submitted_at: string;
  received_at: string;
  due_at: string;
  closed_at?: string;
  near?: string;
  near_score?: number;
  merged_into?: string;
  order?: string;
  outcome?: string;
  photos: string[];
  name?: string;
  phone?: string;
  voices: number;
  left?: boolean;
  test?: boolean;
}

export interface Guess {
  spec?: string;
  item?: string;
  office?: string;
  p: number;
}

/** A word of the text that spoke for (weight above 0) or against the first guess. */
export interface Word {
  text: string;
  source: string;
  rule?: string;
  weight: number;
}

/** A passage that was read as a value; runes of title, newline, body. */
export interface Span {
  from: number;
  to: number;
  kind: string;
  text: string;
  value?: string;
}

/** How a text was read, with the words that decided. Moments are milliseconds. */
export interface Understanding {
  spec?: string;
  item?: string;
  office?: string;
  certainty: number;
  least: number;
  guesses?: Guess[];
  words?: Word[];
  spans?: Span[];
  place?: string;
  wish_from?: number;
  wish_to?: number;
  soon?: boolean;
  urgency: number;
  danger?: string[];
  model?: string;
}

/** A stretch of the asked demand's text, in runes. */
export interface Passage {
  from: number;
  to: number;
  text: string;
}

export interface Similar {
  id: string;
  state: State;
  resident?: string;
  place: string;
  title: string;
  text: string;
  raised_at: string;
  cosine: number;
  score: number;
  same_place?: boolean;
  same_user?: boolean;
  shared: Passage[];
}

export interface Voice {
  demand: string;
  resident?: string;
  source: Source;
  at: string;
  alias?: string;
  name?: string;
  phone?: string;
  left?: boolean;
}

export interface Step {
  at: string;
  who: string;
  act: string;
  state: State;
  detail?: Record<string, unknown>;
}

export interface Detail extends Demand {
  read: Understanding;
  extra?: Record<string, unknown>;
  similar: Similar[];
  reporters: Voice[];
  history: Step[];
  case?: { id: string; state: State; order?: string; outcome?: string };
}

export interface Counts {
  open: Partial<Record<State, number>>;
  sources: Partial<Record<Source, number>>;
  attention: number;
  overdue: number;
  today: Partial<Record<State, number>>;
}

export interface Office {
  code: string;
  zh: string;
  en: string;
}

export interface Correction {
  id: string;
  demand: string;
  spec?: string;
  office?: string;
  was?: string;
  was_p: number;
  at: string;
  by: string;
  revoked_at?: string;
}

export interface RowError {
  row: number;
  field: string;
  zh: string;
  en: string;
}

/** What became of a ticket file. */
export interface ImportReport {
  rows: number;
  stored: number;
  known: number;
  ready: number;
  queued: number;
  referred: number;
  merged: number;
  attention: number;
  failed: number;
  errors: RowError[];
}

/** A resident of the register, as far as raising a need asks for one. */
export interface Resident {
  id: string;
  title: string;
  name: string;
  age: number;
  phone?: string;
  place: string;
  door?: string;
}

export interface Place {
  place: string;
  depth: number;
  name: string;
  address?: string;
}

export interface Filter {
  state?: string;
  source?: string;
  item?: string;
  spec?: string;
  place?: string;
  resident?: string;
  q?: string;
  attention?: boolean;
  near?: boolean;
  sort?: 'new';
}

export const keys = {
  all: ['demand'] as const,
  lists: ['demand', 'list'] as const,
  list: (f: Filter) => ['demand', 'list', f] as const,
  counts: ['demand', 'counts'] as const,
  one: (id: string) => ['demand', 'one', id] as const,
  ones: ['demand', 'one'] as const,
  offices: ['demand', 'offices'] as const,
  corrections: ['demand', 'corrections'] as const,
};

/** The queue by time left, or the newest first. */
export const useDemands = (f: Filter) => useList<Demand>(keys.list(f), '/api/v1/demands', { ...f });

export const useCounts = (): UseQueryResult<Counts> =>
  useQuery({
    queryKey: keys.counts,
    queryFn: ({ signal }) => get<Counts>('/api/v1/demands/counts', undefined, signal),
  });

export const useDemand = (id: string) =>
  useQuery({
    queryKey: keys.one(id),
    queryFn: ({ signal }) => get<Detail>(path`/api/v1/demands/${id}`, undefined, signal),
  });

export const useOffices = () =>
  useQuery({
    queryKey: keys.offices,
    queryFn: ({ signal }) => get<{ items: Office[] }>('/api/v1/demands/offices', undefined, signal),
    staleTime: 60 * 60_000,
  });

export const useCorrections = () => useList<Correction>(keys.corrections, '/api/v1/demands/corrections');

/** How a text would be read; nothing is stored. */
export const readText = (text: string, signal?: AbortSignal) =>
  call<Understanding>('POST', '/api/v1/demands/read', { body: { text }, signal });

export const findResidents = (q: string, signal?: AbortSignal) =>
  get<{ items: Resident[] }>('/api/v1/residents', { q, limit: 8, state: 'living' }, signal);

export const findPlaces = (q: string, signal?: AbortSignal) =>
  get<{ items: Place[] }>('/api/v1/places', { q, limit: 12 }, signal);

export interface Raise {
  title?: string;
  text?: string;
  spec?: string;
  for_resident?: string;
  place?: string;
  at?: { lng: number; lat: number };
  wish_from?: string;
  wish_to?: string;
  urgency?: number;
  photos?: string[];
  name?: string;
  phone?: string;
}

export const useRaise = () =>
  useAct((body: Raise, key) => post<Demand>('/api/v1/demands', body, { key }), {
    stale: [keys.lists, keys.counts, ['order', 'list']],
  });

/** Stores a photo; its id goes into the demand that shows it. */
export const uploadPhoto = async (photo: Blob) =>
  (await call<{ id: string }>('POST', '/api/v1/demands/photos', { body: photo })).id;

export const photoUrl = (demand: string, photo: string) => path`/api/v1/demands/${demand}/photos/${photo}`;

export interface Triage {
  spec?: string;
  refer?: string;
  place?: string;
  for_resident?: string;
  wish_from?: string;
  wish_to?: string;
  urgency?: number;
  rev?: number;
}

export type Deed =
  | { do: 'triage'; body: Triage }
  | { do: 'confirm' | 'attend' | 'unmerge' | 'withdraw'; body?: { note?: string; rev?: number } }
  | { do: 'merge'; body: { into: string; rev?: number } }
  | { do: 'close'; body: { outcome: 'answered' | 'unlawful'; note?: string; rev?: number } };

/** A clerk's act on one demand; the answer is the demand, or the case it became part of. */
export const useDeed = () =>
  useAct(
    ({ id, deed }: { id: string; deed: Deed }, key) =>
      post<Demand>(path`/api/v1/demands/${id}/${deed.do}`, deed.body ?? {}, { key }),
    { stale: [keys.ones, keys.lists, keys.counts, keys.corrections] },
  );

export const useRevoke = () =>
  useAct((id: string) => del(path`/api/v1/demands/corrections/${id}`), { stale: [keys.corrections] });

export interface Import {
  file: File;
  system: string;
  place?: string;
  columns?: string;
}

/** Takes a ticket file in; tickets imported before stay as they are. */
export const useImport = () =>
  useAct(
    ({ file, system, place, columns }: Import, key) =>
      call<ImportReport>(
        'POST',
        `/api/v1/demands/import?${new URLSearchParams({
          system,
          ...(place ? { place } : {}),
          ...(columns ? { columns } : {}),
        })}`,
        { body: file, key },
      ),
    { stale: [keys.lists, keys.counts] },
  );

/** Somebody the signed-in person may ask for: oneself first, then those one acts for. */
export interface Ward {
  id: string;
  title: string;
  door?: string;
  self: boolean;
}

/** Oneself and those one acts for, with the names the server shows. */
export function usePeople(): Ward[] {
  const me = useMe().data;
  const found = useQuery({
    queryKey: ['demand', 'people'],
    queryFn: ({ signal }) => get<{ items: Resident[] }>('/api/v1/residents', { limit: 20 }, signal),
    enabled: Boolean(me?.resident || me?.wards?.length),
    staleTime: 10 * 60_000,
  }).data?.items;
  const ids = [...(me?.resident ? [me.resident] : []), ...(me?.wards ?? [])];
  return ids.flatMap((id) => {
    const r = found?.find((x) => x.id === id);
    return r || id === me?.resident
      ? [{ id, title: r?.title || r?.name || (me?.name ?? ''), door: r?.door, self: id === me?.resident }]
      : [];
  });
}
