// Visits that come again by themselves: every so many days, weeks or months.
import { get, type Page, path, post } from '@/api/client';
import { useAct, useList } from '@/api/query';
import type { components } from '@/api/schema.gen';

export type Series = components['schemas']['RecurSeries'];
export type NewSeries = components['schemas']['SeriesMakeBody'];

const seriesKeys = ['dispatch', 'series'] as const;

export const useSeries = (state: Series['state']) =>
  useList<Series>([...seriesKeys, state], '/api/v1/visit-series', { state });

export const useMakeSeries = () =>
  useAct((s: NewSeries, key) => post<Series>('/api/v1/visit-series', s, { key }), { stale: [seriesKeys] });

export const useStopSeries = () =>
  useAct(
    (v: { id: string; reason: string }, key) =>
      post<Series>(path`/api/v1/visit-series/${v.id}/stop`, { reason: v.reason }, { key }),
    { stale: [seriesKeys] },
  );

/** A resident as far as a series is made for them. */
export interface Person {
  id: string;
  name: string;
  door?: string;
}

export const findPeople = (q: string, signal?: AbortSignal) =>
  get<Page<Person>>('/api/v1/residents', { q, limit: 8, state: 'living' }, signal).then((p) => p.items);
