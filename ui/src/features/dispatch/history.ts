// A past day as it went, and how well the dispatching of past days was.
import { useQuery } from '@tanstack/react-query';
import { get } from '@/api/client';
import type { components } from '@/api/schema.gen';

type S = components['schemas'];

/** A visit as it stood from `set_at` until `ended_at`. A visit that was moved is two. */
export type PastVisit = S['DispatchPastVisit'];
export type PastWait = S['DispatchPastWait'];
export type PastAct = S['DispatchPastAct'];
export type History = S['DispatchHistory'];
export type Accuracy = S['DispatchDayAccuracy'];

export const useHistory = (date: string) =>
  useQuery({
    queryKey: ['dispatch', 'history', date],
    queryFn: ({ signal }) => get<History>('/api/v1/dispatch-history', { date }, signal),
    staleTime: 5 * 60_000,
  });

export const useAccuracy = (from: string, to: string) =>
  useQuery({
    queryKey: ['dispatch', 'accuracy', from, to],
    queryFn: ({ signal }) =>
      get<{ days: Accuracy[] }>('/api/v1/dispatch-accuracy', { from, to }, signal).then((p) => p.days),
    staleTime: 10 * 60_000,
  });
