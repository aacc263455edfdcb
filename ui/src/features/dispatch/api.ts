import { useQuery } from '@tanstack/react-query';
import { get, type Page, path, post } from '@/api/client';
import { useMay } from '@/api/me';
import { useAct } from '@/api/query';
import { useScope } from '@/api/scope';

export interface Span {
  from: string;
  to: string;
}

export interface Spot {
  lng: number;
  lat: number;
}

/** One ground of a decision, as a code with figures; words.ts says it. */
export interface Reason {
  code: string;
  value?: number;
  unit?: string;
  ref?: string;
  /** The value is estimated, as a way is from the straight line. */
  approx?: boolean;
}

export interface Assignment {
  worker?: string;
  second?: string;
  org?: string;
  facility?: string;
  start: string;
  promise: Span;
  reasons: Reason[];
  auto: boolean;
}

/** What the hub decided, or why nobody can go. */
export interface Answer {
  order: string;
  waiting: boolean;
  assigned?: Assignment;
  reasons: Reason[];
}

export interface Stop {
  order: string;
  item: string;
  spec: string;
  sla: string;
  place: string;
  at: Spot;
  start: string;
  end: string;
  travel_min: number;
  promise: Span;
  auto: boolean;
  pair: boolean;
  ended?: string;
}

export interface WorkerDay {
  worker: string;
  name: string;
  org?: string;
  place: string;
  at: Spot;
  profile: string;
  active: boolean;
  skills: { code: string; level: number }[];
  shifts: Span[];
  load_min: number;
  stops: Stop[];
}

export interface Board {
  as_of: string;
  approx: boolean;
  lanes: WorkerDay[];
  waiting: { order: string; reasons: Reason[]; tries: number }[];
}

/** One way to serve an order and its price. */
export interface Option {
  worker: string;
  with?: string;
  name: string;
  start: string;
  promise: Span;
  minutes: number;
  travel_min: number;
  late_min: number;
  broken: number;
  reasons: Reason[];
}

/** Somebody who cannot take the order, with the first failed gate. */
export interface Refused {
  worker: string;
  name: string;
  gate: string;
  detail?: string;
}

export interface Why {
  order: string;
  state: string;
  assigned?: Assignment;
  rank?: number;
  options: Option[];
  others: Refused[];
  waiting?: Reason[];
}

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
};

/** States in which nobody has the order, and those in which somebody is on it. */
const waiting = ['open', 'waiting'];
const running = ['assigned', 'accepted', 'en_route', 'arrived', 'paused'];

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

/** Orders somebody is on, for their states and clocks. */
export const useRunning = () => useQuery(list('running', running, useScope()));

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

export const useOrder = (id: string) =>
  useQuery({
    queryKey: keys.order(id),
    queryFn: ({ signal }) => get<Order>(path`/api/v1/orders/${id}`, undefined, signal),
    enabled: id !== '',
  });

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

export interface Wish {
  order: string;
  worker?: string;
  reason?: string;
}

export const dispatch = (w: Wish, o: { key?: string; keepalive?: boolean } = {}) =>
  post<Answer>('/api/v1/dispatches', { order_id: w.order, worker_id: w.worker, reason: w.reason }, o);

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
