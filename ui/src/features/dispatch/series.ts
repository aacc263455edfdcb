// Visits that come again by themselves: every so many days, weeks or months.
import { get, type Page, path, post } from '@/api/client';
import { useAct, useList } from '@/api/query';

export interface Series {
  id: string;
  resident: string;
  name?: string;
  place: string;
  item: string;
  spec: string;
  every: { n: number; unit: 'day' | 'week' | 'month' };
  /** Days after it is due that a visit may still come. */
  within_days: number;
  from: string;
  until?: string;
  hours: { from: string; to: string };
  words?: string;
  state: 'running' | 'stopped';
  reason?: string;
  next: { due: string; date: string; order?: string }[];
}

export interface NewSeries {
  resident: string;
  spec: string;
  every: Series['every'];
  within_days?: number;
  from?: string;
  until?: string;
  hours?: Series['hours'];
  words?: string;
}

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
