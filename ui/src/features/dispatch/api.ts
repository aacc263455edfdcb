import { useQuery } from '@tanstack/react-query';
import { get, type Page, path, post } from '@/api/client';
import { useMay } from '@/api/me';
import { useAct } from '@/api/query';
import type { components } from '@/api/schema.gen';
import { useScope } from '@/api/scope';

type S = components['schemas'];

export interface Span {
  from: string;
  to: string;
}

export interface Spot {
  lng: number;
  lat: number;
}

/** One ground of a decision, as a code with figures; words.ts says it. */
export type Reason = S['Reason'];
/** What the hub decided, or why nobody can go. */
export type Answer = S['DispatchAnswer'];
export type Board = S['DispatchBoard'];
/** A worker's day. */
export type WorkerDay = Omit<S['DispatchLane'], 'stops'> & { stops: Stop[] };
/** `told`: the resident knows the time; left out they do as long as the visit is ahead. */
export type Stop = S['DispatchStop'] & { told?: boolean };
/** One way to serve an order and its price. */
export type Option = S['DispatchOption'];
/** Somebody who cannot take the order, with the first failed gate. */
export type Refused = Omit<S['DispatchRefused'], 'zh' | 'en'>;
/** The smallest thing that could give way so that a waiting order can be served. */
export type Relaxation = S['DispatchRelaxation'];
export type Why = S['DispatchWhy'];
/** What one visit was and what it becomes. */
export type Change = S['DispatchChange'];
/** What a plan costs: orders nobody serves by urgency, broken promises, minutes. */
export type Cost = S['DispatchCost'];
/** What came, or would come, of an act on the board. */
export type Outcome = S['DispatchOutcome'];
/** The price of giving an order to one worker, before it is done. */
export type Preview = S['DispatchPreview'];

/** An order as far as the board speaks of it. */
export interface Order {
  id: string;
  number: string;
  state: string;
  item: string;
  spec: string;
  zh: string;
  en: string;
  sla: string;
  place: string;
  at?: Spot;
  resident?: string;
  name?: string;
  door?: string;
  words?: string;
  wish?: Span;
  promise?: Span;
  start?: string;
  worker?: { id: string; name?: string };
  second?: { id: string; name?: string };
  facility?: string;
  persons: number;
  auto: boolean;
  why: Reason[];
  submitted_at: string;
  due: { what?: string; limit_at?: string; left_ms: number; stopped?: boolean };
}

export const keys = {
  all: ['dispatch'] as const,
  board: (date: string) => ['dispatch', 'board', date] as const,
  boards: ['dispatch', 'board'] as const,
  orders: (which: string, place: string) => ['dispatch', 'orders', which, place] as const,
  allOrders: ['dispatch', 'orders'] as const,
  counts: ['dispatch', 'counts'] as const,
  countsOf: (place: string) => ['dispatch', 'counts', place] as const,
  why: (order: string) => ['dispatch', 'why', order] as const,
  whys: ['dispatch', 'why'] as const,
  order: (id: string) => ['dispatch', 'order', id] as const,
  roads: ['dispatch', 'roads'] as const,
  preview: (order: string, worker: string) => ['dispatch', 'why', order, 'to', worker] as const,
};

/** States in which nobody has the order, and those in which somebody is there. */
const waiting = ['open', 'waiting'];
const there = ['arrived', 'paused'];

export const useBoard = (date: string) =>
  useQuery({
    queryKey: keys.board(date),
    queryFn: ({ signal }) => get<Board>('/api/v1/dispatch-board', { date }, signal),
    placeholderData: (before) => before,
  });

const list = (which: string, states: string[], place: string) => ({
  queryKey: keys.orders(which, place),
  queryFn: ({ signal }: { signal: AbortSignal }) =>
    get<Page<Order>>('/api/v1/orders', { state: states.join(','), place, limit: 200 }, signal).then(
      (p) => p.items,
    ),
});

/** Orders nobody has, the most pressing first. */
export const useWaiting = () => useQuery(list('waiting', waiting, useScope()));

/** Orders that are being served at this moment: they are not late, however long ago they were promised. */
export const useThere = () => useQuery(list('there', there, useScope()));

interface Counts {
  running: Record<string, number>;
  late: number;
  soon: number;
}

/** How many orders wait for somebody to be sent. */
export function useWaitingCount(): number | undefined {
  const may = useMay();
  const place = useScope();
  const { data } = useQuery({
    queryKey: keys.countsOf(place),
    queryFn: ({ signal }) => get<Counts>('/api/v1/order-board', { place }, signal),
    enabled: may('order.read'),
  });
  return data && waiting.reduce((n, s) => n + (data.running[s] ?? 0), 0);
}

export const orderQuery = (id: string) => ({
  queryKey: keys.order(id),
  queryFn: ({ signal }: { signal: AbortSignal }) => get<Order>(path`/api/v1/orders/${id}`, undefined, signal),
});

export const useOrder = (id: string) => useQuery({ ...orderQuery(id), enabled: id !== '' });

/** Prices every way there is now; a dry run on the plan. */
export const readWhy = (order: string, signal?: AbortSignal) =>
  get<Why>(path`/api/v1/dispatches/${order}`, undefined, signal);

export const useWhy = (order: string) =>
  useQuery({
    queryKey: keys.why(order),
    queryFn: ({ signal }) => readWhy(order, signal),
    enabled: order !== '',
    staleTime: 15_000,
  });

/** What it would cost to give the order to the worker; a dry run. */
export const previewQuery = (order: string, worker: string) => ({
  queryKey: keys.preview(order, worker),
  queryFn: ({ signal }: { signal: AbortSignal }) =>
    get<Preview>(path`/api/v1/dispatches/${order}/preview`, { worker }, signal),
  staleTime: 15_000,
});

export interface Wish {
  order: string;
  worker?: string;
  reason?: string;
  /** Visits of the same or a lower urgency give way. */
  displace?: boolean;
}

export const dispatch = (w: Wish, o: { key?: string; keepalive?: boolean } = {}) =>
  post<Answer>(
    '/api/v1/dispatches',
    { order_id: w.order, worker_id: w.worker, reason: w.reason, displace: w.displace },
    o,
  );

/** An act on the board as it is sent. Without `dry_run` it is done. */
export type Act =
  | { kind: 'absent'; worker_id: string; from?: string; to?: string; reason: 'sick' | 'leave' | 'other' }
  | { kind: 'no-show'; order_id: string }
  | { kind: 'urgent'; order_id: string; reason: string }
  | { kind: 'close-road'; to: string; reason: string; road: { lng: number; lat: number; radius_m: number } }
  | { kind: 'replan' };

/** After an act everything on the board may stand differently. */
const everything = [keys.boards, keys.allOrders, keys.counts, keys.whys, keys.roads];

export const tryAct = (act: Act, signal?: AbortSignal) =>
  post<Outcome>('/api/v1/dispatch-actions', { ...act, dry_run: true }, { signal });

export const useDo = () =>
  useAct((act: Act, key) => post<Outcome>('/api/v1/dispatch-actions', act, { key }), { stale: everything });

/** Lets one thing give way, exactly as it was offered. */
export const useRelax = () =>
  useAct(
    (v: { order: string; relaxation: Relaxation; reason: string }, key) =>
      post<Answer>(
        path`/api/v1/dispatches/${v.order}/relax`,
        { id: v.relaxation.id, reason: v.reason },
        { key },
      ),
    { stale: (v) => [...everything, keys.order(v.order)] },
  );

export const useUrge = () =>
  useAct(
    (order: string, key) => post<{ times: number }>(path`/api/v1/dispatches/${order}/urge`, {}, { key }),
    { stale: (order) => [keys.order(order)] },
  );

/** Names of organizations, for the lanes. */
export const useOrgs = () => {
  const may = useMay();
  return useQuery({
    queryKey: ['dispatch', 'orgs'],
    queryFn: ({ signal }) =>
      get<Page<{ id: string; name: string }>>('/api/v1/organizations', { limit: 200 }, signal).then(
        (p) => new Map(p.items.map((o) => [o.id, o.name])),
      ),
    enabled: may('party.read'),
    staleTime: 10 * 60_000,
  }).data;
};

export interface SkillName {
  code: string;
  zh: string;
  en: string;
}

export const useSkills = () =>
  useQuery({
    queryKey: ['dispatch', 'skills'],
    queryFn: ({ signal }) =>
      get<{ skills: SkillName[] }>('/api/v1/skills', undefined, signal).then((p) => p.skills),
    staleTime: 60 * 60_000,
  }).data;
