import { useQueries, useQuery } from '@tanstack/react-query';
import { get, type Page, path, put } from '@/api/client';
import { useMay } from '@/api/me';
import { useAct, useList } from '@/api/query';

export type Unit = '%' | 'min' | 'points';

/** A figure with everything needed to check it. */
export interface Value {
  slug: string;
  version: number;
  zh: string;
  en: string;
  unit: Unit;
  target: number;
  better: 'higher' | 'lower';
  definition_zh: string;
  definition_en: string;
  source: string;
  confidence: string;
  state: 'judged' | 'thin' | 'not_measurable';
  why?: string;
  value?: number;
  low?: number;
  high?: number;
  numerator: number;
  denominator: number;
  n: number;
  excluded: Record<string, number>;
  beside: Record<string, number>;
  from: string;
  as_of: string;
  met?: boolean;
}

export interface Row {
  id: string;
  kind: 'demand' | 'order' | 'slot' | 'rating' | 'cost';
  place?: string;
  at: string;
  part: 'numerator' | 'denominator' | 'excluded';
  reason?: string;
  value: number;
}

export interface Community {
  place: string;
  name: string;
}

export interface Cost {
  month: string;
  kind: string;
  fen: number;
  residents: number;
  /** In hundredths: 10000 is the base month. */
  cpi: number;
}

export const keys = {
  boards: ['insight', 'board'] as const,
  board: (place: string, span: string) => ['insight', 'board', place, span] as const,
  days: (slug: string, place: string, days: number) => ['insight', 'days', slug, place, days] as const,
  rows: (slug: string, ask: object) => ['insight', 'rows', slug, ask] as const,
  costs: ['insight', 'costs'] as const,
};

const board = (place: string, span: string) => ({
  queryKey: keys.board(place, span),
  queryFn: ({ signal }: { signal: AbortSignal }) =>
    get<Page<Value>>('/api/v1/kpis', { place, span }, signal).then((p) => p.items),
});

/** The five figures of a place; the empty place is all the asker answers for. */
export const useBoardOf = (place: string, span: string) =>
  useQuery({ ...board(place, span), placeholderData: (before: Value[] | undefined) => before });

/** The five figures of several places at once. */
export const useBoardsOf = (places: readonly string[], span: string) =>
  useQueries({ queries: places.map((p) => board(p, span)) });

/** A figure day by day; the last day is today so far. */
const days = (slug: string, place: string, n: number) => ({
  queryKey: keys.days(slug, place, n),
  queryFn: ({ signal }: { signal: AbortSignal }) =>
    get<Page<Value>>(path`/api/v1/kpis/${slug}/days`, { place, days: n }, signal).then((p) => p.items),
});

export const useDaysOf = (slugs: readonly string[], place: string, n: number) =>
  useQueries({ queries: slugs.map((s) => days(s, place, n)) });

export const useRows = (slug: string, ask: { place?: string; span: string; part?: string }) =>
  useList<Row>(keys.rows(slug, ask), path`/api/v1/kpis/${slug}/rows`, { ...ask });

/** The communities of the register; nothing for those who see totals only. */
export const useCommunities = (): Community[] | undefined => {
  const may = useMay();
  return useQuery({
    queryKey: ['insight', 'communities'],
    queryFn: ({ signal }) =>
      get<Page<Community>>('/api/v1/places', { depth: 1, limit: 50 }, signal).then((p) => p.items),
    enabled: may('place.read'),
    staleTime: 10 * 60_000,
  }).data;
};

export const useCosts = () =>
  useQuery({
    queryKey: keys.costs,
    queryFn: ({ signal }) => get<Page<Cost>>('/api/v1/costs', undefined, signal).then((p) => p.items),
  });

/** A month is stored kind by kind; each put is whole, so a second try does no harm. */
export const useSaveCosts = () =>
  useAct(
    async (rows: Cost[]) => {
      for (const c of rows) await put<Cost>('/api/v1/costs', c);
    },
    { stale: [keys.costs, keys.boards] },
  );
