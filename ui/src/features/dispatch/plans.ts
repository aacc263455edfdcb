// Tomorrow's plan: made in the evening, looked at, corrected and published by a person.
import { useQuery } from '@tanstack/react-query';
import { get, type Page, path, post } from '@/api/client';
import { useAct } from '@/api/query';
import type { components } from '@/api/schema.gen';
import { keys, type Outcome } from './api';

/** A coming day planned anew as a whole, beside the plan that holds. */
export type Draft = components['schemas']['DispatchDraft'];

const draftKeys = {
  all: ['dispatch', 'draft'] as const,
  of: (date: string) => ['dispatch', 'draft', 'of', date] as const,
  one: (id: string) => ['dispatch', 'draft', 'one', id] as const,
};

/** The plans made for a day, the latest first. */
export const useDrafts = (date: string) =>
  useQuery({
    queryKey: draftKeys.of(date),
    queryFn: ({ signal }) =>
      get<Page<Draft>>('/api/v1/dispatch-drafts', { date }, signal).then((p) => p.items),
    // One that is out of date is made again by itself.
    refetchInterval: (q) => (q.state.data?.[0]?.state === 'stale' ? 3_000 : false),
  });

export const useDraft = (id: string | undefined) =>
  useQuery({
    queryKey: draftKeys.one(id ?? ''),
    queryFn: ({ signal }) => get<Draft>(path`/api/v1/dispatch-drafts/${id ?? ''}`, undefined, signal),
    enabled: id !== undefined,
    placeholderData: (before) => before,
  });

export const useMakeDraft = () =>
  useAct((date: string, key) => post<Draft>('/api/v1/dispatch-drafts', { date }, { key }), {
    stale: [draftKeys.all],
  });

export const usePin = (id: string) =>
  useAct(
    (v: { order: string; pinned: boolean }, key) =>
      post<Draft>(path`/api/v1/dispatch-drafts/${id}/pins`, { order_id: v.order, pinned: v.pinned }, { key }),
    { stale: [draftKeys.all] },
  );

export const useRelease = () =>
  useAct((id: string, key) => post<Outcome>(path`/api/v1/dispatch-drafts/${id}/release`, {}, { key }), {
    stale: [draftKeys.all, keys.boards, keys.allOrders, keys.counts, keys.whys],
  });

export const useDiscard = () =>
  useAct((id: string, key) => post(path`/api/v1/dispatch-drafts/${id}/discard`, {}, { key }), {
    stale: [draftKeys.all],
  });
