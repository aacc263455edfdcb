// A past day as it went, and how well the dispatching of past days was.
import { useQuery } from '@tanstack/react-query';
import { get } from '@/api/client';
import type { Reason, Spot } from './api';

/** A visit as it stood from `set_at` until `ended_at`. A visit that was moved is two. */
export interface PastVisit {
  order: string;
  worker: string;
  second?: string;
  name: string;
  item: string;
  sla: string;
  place: string;
  at: Spot;
  start: string;
  end: string;
  told_at?: string;
  set_at: string;
  ended_at?: string;
  ended?: string;
}

export interface PastWait {
  order: string;
  from: string;
  to?: string;
  reasons: Reason[];
}

export interface PastAct {
  at: string;
  kind: string;
  worker?: string;
  order?: string;
  by_name?: string;
}

export interface History {
  date: string;
  visits: PastVisit[];
  waits: PastWait[];
  acts: PastAct[];
}

export const useHistory = (date: string) =>
  useQuery({
    queryKey: ['dispatch', 'history', date],
    queryFn: ({ signal }) => get<History>('/api/v1/dispatch-history', { date }, signal),
    staleTime: 5 * 60_000,
  });

export interface Accuracy {
  date: string;
  requested: number;
  served: number;
  accurate_pct: number;
  without_regret_pct: number;
  impossible: number;
  crowded_out: number;
  cost_ratio: number;
  changes_per_promise: number;
  worst_worker_pct: number;
  worst_group_pct: number;
  /** Some of the day may still change. */
  provisional: boolean;
}
