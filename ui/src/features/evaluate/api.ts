import { type UseQueryResult, useQuery } from '@tanstack/react-query';
import { get, path, post, put } from '@/api/client';
import { useAct, useList } from '@/api/query';

/** A figure with its 95 % interval. */
export interface Estimate {
  value: number;
  low: number;
  high: number;
  n: number;
  judgeable: boolean;
}

export interface Rating {
  id: string;
  order_id: string;
  item: string;
  spec: string;
  sla: string;
  place: string;
  worker?: string;
  org?: string;
  stars: number;
  nps?: number;
  tags: string[];
  words?: string;
  at: string;
  channel: 'self' | 'desk';
  excluded_reason?: string;
}

export interface RatingGroup {
  key: string;
  n: number;
  stars: number;
  satisfied: Estimate;
  nps?: Estimate;
  excluded: Record<string, number>;
  judged: boolean;
}

export interface RatingTag {
  code: string;
  zh: string;
  en: string;
  good: boolean;
}

/** A resident to be called back about a delivered order. */
export interface Call {
  order_id: string;
  resident?: string;
  name?: string;
  phone?: string;
  reason: 'sample' | 'p1' | 'low';
  drawn_at: string;
  due_at: string;
  item: string;
  sla: string;
  place: string;
  worker?: string;
  state: 'open' | 'done' | 'unreached';
  tries: number;
  at?: string;
  contacted?: boolean;
  solved?: boolean;
  satisfied?: boolean;
  note?: string;
}

export interface CallRates {
  drawn: number;
  open: number;
  reached: number;
  unreached: number;
  contacted?: Estimate;
  solved?: Estimate;
  satisfied?: Estimate;
  judged: boolean;
}

export interface Setting {
  share_percent: number;
  seed: string;
}

export interface Filter {
  item?: string;
  place?: string;
  max_stars?: number;
}

export const keys = {
  all: ['evaluate'] as const,
  ratings: (f: Filter) => ['evaluate', 'ratings', f] as const,
  summary: (by: string, f: Filter) => ['evaluate', 'summary', by, f] as const,
  calls: (state: string, place: string) => ['evaluate', 'calls', state, place] as const,
  rates: ['evaluate', 'rates'] as const,
  tags: ['evaluate', 'tags'] as const,
  setting: ['evaluate', 'setting'] as const,
};

export const useRatings = (f: Filter) => useList<Rating>(keys.ratings(f), '/api/v1/ratings', { ...f });

/** Ratings of the last 90 days, all together or by group. */
export const useSummary = (by: 'all' | 'item' | 'spec', f: Filter) =>
  useQuery({
    queryKey: keys.summary(by, f),
    queryFn: ({ signal }) =>
      get<{ items: RatingGroup[] }>('/api/v1/rating-summary', { by, place: f.place, item: f.item }, signal),
  });

export const useTags = () =>
  useQuery({
    queryKey: keys.tags,
    queryFn: ({ signal }) => get<{ items: RatingTag[] }>('/api/v1/rating-tags', undefined, signal),
    staleTime: 60 * 60_000,
  });

export const useCalls = (state: string, place: string) =>
  useList<Call>(keys.calls(state, place), '/api/v1/callbacks', { state, place });

export const useRates = (place?: string, enabled = true): UseQueryResult<CallRates> =>
  useQuery({
    queryKey: [...keys.rates, place ?? ''],
    queryFn: ({ signal }) => get<CallRates>('/api/v1/callback-rates', { place }, signal),
    enabled,
  });

export interface Result {
  reached: boolean;
  contacted?: boolean;
  solved?: boolean;
  satisfied?: boolean;
  note?: string;
}

/** What a call found out; after three calls nobody answers, the resident counts as not reached. */
export const useResult = () =>
  useAct(
    ({ order, result }: { order: string; result: Result }, key) =>
      post<Call>(path`/api/v1/callbacks/${order}/result`, result, { key }),
    { stale: [keys.all] },
  );

export const useSetting = (enabled: boolean) =>
  useQuery({
    queryKey: keys.setting,
    queryFn: ({ signal }) => get<Setting>('/api/v1/callback-setting', undefined, signal),
    enabled,
  });

export const usePutSetting = () =>
  useAct((s: Setting) => put<Setting>('/api/v1/callback-setting', s), { stale: [keys.setting] });

export interface Judgement {
  order_id: string;
  stars: number;
  nps?: number;
  tags?: string[];
  words?: string;
}

export const useRate = () =>
  useAct((j: Judgement, key) => post<{ id: string }>('/api/v1/ratings', j, { key }), {
    stale: (j) => [keys.all, ['order', 'one', j.order_id], ['order', 'list']],
  });

/** The little of an order that its rating shows. */
export interface Served {
  id: string;
  zh: string;
  en: string;
  worker?: { name?: string };
  stars?: number;
}

export const useServed = (id: string) =>
  useQuery({
    queryKey: ['order', 'one', id],
    queryFn: ({ signal }) => get<Served>(path`/api/v1/orders/${id}`, undefined, signal),
  });
