// Visits that come again by themselves: every so many days, weeks or months.
import { useQuery } from '@tanstack/react-query';
import { get, type Page, path, post } from '@/api/client';
import { useAct, useList } from '@/api/query';

export interface Series {
  id: string;
  resident: string;
  item: string;
  spec: string;
  every: { n: number; unit: 'day' | 'week' | 'month' };
  /** Days a visit may come sooner or later. */
  within_days: number;
  from: string;
  until?: string;
  next: { date: string; order?: string }[];
}

export type NewSeries = Omit<Series, 'id' | 'next'>;

const seriesKeys = ['dispatch', 'series'] as const;

export const useSeries = (place: string) =>
  useList<Series>([...seriesKeys, place], '/api/v1/visit-series', { place });

export const useMakeSeries = () =>
  useAct((s: NewSeries, key) => post<Series>('/api/v1/visit-series', s, { key }), { stale: [seriesKeys] });

export const useStopSeries = () =>
  useAct((id: string, key) => post(path`/api/v1/visit-series/${id}/stop`, {}, { key }), {
    stale: [seriesKeys],
  });

/** A resident as far as a series names them. */
export interface Person {
  id: string;
  name: string;
  door?: string;
  place: string;
}

export const usePerson = (id: string) =>
  useQuery({
    queryKey: ['dispatch', 'person', id],
    queryFn: ({ signal }) => get<Person>(path`/api/v1/residents/${id}`, undefined, signal),
    enabled: id !== '',
    staleTime: 10 * 60_000,
  });

export const findPeople = (q: string, signal?: AbortSignal) =>
  get<Page<Person>>('/api/v1/residents', { q, limit: 8, state: 'living' }, signal).then((p) => p.items);
