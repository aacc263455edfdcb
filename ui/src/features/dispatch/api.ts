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
  /** The resident knows the time; left out: they do as long as the visit is ahead. */
  told?: boolean;
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

/** What one assignment costs, in minutes by part. */
export interface Split {
  travel: number;
  late: number;
  continuity: number;
  fairness: number;
  stability: number;
}

/** The smallest thing that could give way so that a waiting order can be served. */
export interface Relaxation {
  id: string;
  kind: 'window' | 'level' | 'overtime' | 'exclusion' | 'displace';
  worker?: string;
  name?: string;
  /** Minutes of a window or of overtime, levels of a skill. */
  value: number;
  skill?: string;
  /** Order that would lose its promise. */
  displaced?: string;
  /** What the worker could promise then. */
  option?: Option;
}

export interface Why {
  order: string;
  state: string;
  assigned?: Assignment;
  rank?: number;
  options: Option[];
  others: Refused[];
  waiting?: Reason[];
  /** Of a waiting order: nobody ever could, or all who could are full. */
  class?: '' | 'impossible' | 'crowded-out';
  relaxations?: Relaxation[];
  /** It is proven that no place is left for it. */
  proof?: boolean;
  /** Of a served order: what the choice cost and what the next best would have. */
  split?: Split;
  runner_up?: { worker: string; name: string; split: Split };
}

/** What one visit was and what it becomes. */
export interface Change {
  order: string;
  item: string;
  spec: string;
  sla: string;
  place: string;
  at?: Spot;
  /** As it was; left out: it waited, or is new. */
  from_worker?: string;
  from_name?: string;
  from_start?: string;
  from_promise?: Span;
  /** As it will be; left out: it waits, and the reasons say why. */
  to_worker?: string;
  to_name?: string;
  to_start?: string;
  to_promise?: Span;
  /** The resident has been told of what changes. */
  told: boolean;
  /** The promised window itself changes or is lost. */
  promise: boolean;
  reasons: Reason[];
}

/** What a plan costs: orders nobody serves by urgency, broken promises, minutes. */
export interface Cost {
  unserved: number[];
  broken: number;
  late_min: number;
  travel_min: number;
  other_min: number;
}

/** What came, or would come, of an act on the board. */
export interface Outcome {
  changes: Change[];
  waiting: string[];
  before: Cost;
  after: Cost;
  depth?: number;
  took_us?: number;
  dry_run?: boolean;
  at: string;
}

/** The price of giving an order to one worker, before it is done. */
export interface Preview {
  option?: Option;
  refused?: Refused;
  /** Whose promise would change if it were forced. */
  changes: Change[];
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
  preview: (order: string, worker: string) => ['dispatch', 'why', order, 'to', worker] as const,
  closures: ['dispatch', 'closures'] as const,
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
  | { kind: 'close-road'; road: { lng: number; lat: number; radius_m: number }; to: string; reason: string }
  | { kind: 'replan' };

/** After an act everything on the board may stand differently. */
const everything = [keys.boards, keys.allOrders, keys.counts, keys.whys, keys.closures];

export const tryAct = (act: Act, signal?: AbortSignal) =>
  post<Outcome>('/api/v1/dispatch-actions', { ...act, dry_run: true }, { signal });

export const useDo = () =>
  useAct((act: Act, key) => post<Outcome>('/api/v1/dispatch-actions', act, { key }), { stale: everything });

/** A way that is closed for a while. */
export interface Closure {
  id: string;
  road: { lng: number; lat: number; radius_m: number };
  from: string;
  to: string;
  reason?: string;
}

export const useClosures = () =>
  useQuery({
    queryKey: keys.closures,
    queryFn: ({ signal }) =>
      get<{ items: Closure[] }>('/api/v1/road-closures', undefined, signal).then((p) => p.items),
  });

export const useReopen = () =>
  useAct((id: string, key) => post<Outcome>(path`/api/v1/road-closures/${id}/open`, {}, { key }), {
    stale: everything,
  });

/** Lets one thing give way, exactly as it was offered. */
export const useRelax = () =>
  useAct(
    (v: { order: string; relaxation: Relaxation; reason: string }, key) =>
      post<Answer>(
        path`/api/v1/dispatches/${v.order}/relax`,
        {
          id: v.relaxation.id,
          kind: v.relaxation.kind,
          worker_id: v.relaxation.worker,
          value: v.relaxation.value,
          order_id: v.relaxation.displaced,
          reason: v.reason,
        },
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
