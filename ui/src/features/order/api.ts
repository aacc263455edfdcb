import { type UseQueryResult, useQuery } from '@tanstack/react-query';
import { get, path, post } from '@/api/client';
import { useAct, useList } from '@/api/query';

export const states = [
  'open',
  'waiting',
  'assigned',
  'accepted',
  'en_route',
  'arrived',
  'paused',
  'finished',
  'confirmed',
  'rated',
  'closed',
  'failed',
  'canceled',
] as const;
export type State = (typeof states)[number];
export const ended: readonly State[] = ['closed', 'failed', 'canceled'];

export type Act =
  | 'accept'
  | 'contact'
  | 'en-route'
  | 'arrive'
  | 'step'
  | 'note'
  | 'pause'
  | 'resume'
  | 'finish'
  | 'confirm'
  | 'dispute'
  | 'close'
  | 'fail'
  | 'cancel'
  | 'reopen';

export interface Window {
  from: string;
  to: string;
}

export interface Person {
  id: string;
  name?: string;
}

/** Who answers for a limit: a worker, else an organization, else a role of the place. */
export interface Owner {
  role: string;
  worker?: string;
  org?: string;
}

/** A ground of a decision as a code with numbers; words.ts words it. */
export interface Ground {
  code: string;
  value?: number;
  unit?: string;
  ref?: string;
}

export interface Due {
  what?: string;
  limit_at?: string;
  left_ms: number;
  stopped?: boolean;
  owner: Owner;
}

export interface Order {
  id: string;
  number: string;
  demand?: string;
  round: number;
  rev: number;
  state: State;
  held?: State;
  pause_reason?: string;
  item: string;
  spec: string;
  zh: string;
  en: string;
  sla: 'P1' | 'P2' | 'P3' | 'P4';
  source: string;
  place: string;
  at?: { lng: number; lat: number };
  resident?: string;
  name?: string;
  door?: string;
  phone?: string;
  words?: string;
  wish?: Window;
  promise?: Window;
  /** What the resident had been told before it changed. */
  prior?: Window;
  start?: string;
  length_s: number;
  persons: number;
  worker?: Person;
  second?: Person;
  org?: string;
  facility?: string;
  auto: boolean;
  why: Ground[];
  stars?: number;
  code?: string;
  submitted_at: string;
  opened_at: string;
  since: string;
  accepted_at?: string;
  arrived_at?: string;
  finished_at?: string;
  closed_at?: string;
  due: Due;
  breached: string[];
  may: Act[];
}

export interface Limit {
  what: string;
  limit_at: string;
  met_at?: string;
  broken: boolean;
}

export interface OrderStep {
  no: number;
  zh: string;
  en: string;
  owner: string;
  limit_ms?: number;
  evidence?: 'photo' | 'note' | 'signature' | 'code';
  required: boolean;
  done_at?: string;
  note?: string;
  proof?: string[];
}

export interface Evidence {
  id: string;
  kind: 'photo' | 'signature';
  media: string;
  bytes: number;
  at: string;
}

export interface Line {
  seq: number;
  at: string;
  stored_at: string;
  round: number;
  kind: string;
  state: State;
  user: string;
  who?: string;
  worker?: string;
  reason?: string;
  note?: string;
  step?: number;
  evidence?: string[];
  clock?: string;
  limit_at?: string;
  owner?: Owner;
  to_role?: string;
  stars?: number;
  nps?: number;
  why?: Ground[];
}

export interface Detail extends Order {
  limits: Limit[];
  state_limit_at?: string;
  sop: string;
  steps: OrderStep[];
  evidence: Evidence[];
  timeline: Line[];
}

/** An order on its worker's list, with everything the phone needs without network. */
export interface Task extends Order {
  steps: OrderStep[];
}

export interface Board {
  running: Partial<Record<State, number>>;
  late: number;
  soon: number;
  today: Partial<Record<State, number>>;
  weather: boolean;
}

/** An order nobody has, which this worker could take. */
export interface Claim {
  order: string;
  item: string;
  spec: string;
  sla: Order['sla'];
  place: string;
  address?: string;
  since: string;
  reasons: Ground[];
}

export interface Filter {
  state?: readonly State[];
  item?: string;
  sla?: string;
  worker?: string;
  resident?: string;
  place?: string;
  breached?: boolean;
  q?: string;
  limit?: number;
}

export const keys = {
  all: ['order'] as const,
  lists: ['order', 'list'] as const,
  list: (f: Filter) => ['order', 'list', f] as const,
  board: ['order', 'board'] as const,
  one: (id: string) => ['order', 'one', id] as const,
  mine: ['order', 'mine'] as const,
  claims: ['order', 'claims'] as const,
};

const query = ({ state, ...f }: Filter) => ({ ...f, state: state?.join(',') });

/** Running orders by time left; with ended states the newest first. */
export const useOrders = (f: Filter) => useList<Order>(keys.list(f), '/api/v1/orders', query(f));

/** How many orders stand where. */
export const useBoard = (place = ''): UseQueryResult<Board> =>
  useQuery({
    queryKey: [...keys.board, place],
    queryFn: ({ signal }) => get<Board>('/api/v1/order-board', { place }, signal),
  });

export const getOrder = (id: string, signal?: AbortSignal) =>
  get<Detail>(path`/api/v1/orders/${id}`, undefined, signal);

export const useOrder = (id: string) =>
  useQuery({ queryKey: keys.one(id), queryFn: ({ signal }) => getOrder(id, signal) });

export const findOrders = (q: string, signal: AbortSignal) =>
  get<{ items: Order[] }>('/api/v1/orders', { q, limit: 8 }, signal);

export interface ActBody {
  reason?: string;
  note?: string;
  solved?: boolean;
}

/** Where an order stands after an act. */
export interface Stand {
  id: string;
  number: string;
  state: State;
  rev: number;
}

/** An act of the machine on one order. Objecting is a confirmation that says no. */
export const useOrderAct = () =>
  useAct(
    ({ id, act, body = {} }: { id: string; act: Act; body?: ActBody }, key) =>
      act === 'dispute'
        ? post<Stand>(path`/api/v1/orders/${id}/confirm`, { ...body, solved: false }, { key })
        : post<Stand>(path`/api/v1/orders/${id}/${act}`, body, { key }),
    { stale: ({ id }) => [keys.one(id), keys.lists, keys.board, keys.mine] },
  );

/** Asks whoever has the order, and the duty officer, to hurry. */
export const useUrge = () =>
  useAct((id: string, key) => post<{ times: number }>(path`/api/v1/dispatches/${id}/urge`, {}, { key }), {
    stale: (id) => [keys.one(id)],
  });

export interface Dispatched {
  waiting: boolean;
  assigned?: { worker?: string; facility?: string; promise: Window };
  reasons: Ground[];
}

/** Gives an order to the best who can take it now. */
export const useDispatch = () =>
  useAct((id: string, key) => post<Dispatched>('/api/v1/dispatches', { order_id: id }, { key }), {
    stale: (id) => [keys.one(id), keys.lists, keys.board],
  });

export const useClaims = () =>
  useQuery({
    queryKey: keys.claims,
    queryFn: ({ signal }) => get<{ items: Claim[] }>('/api/v1/dispatches/claimable', undefined, signal),
  });

export const useClaim = () =>
  useAct((id: string, key) => post<Dispatched>(path`/api/v1/dispatches/${id}/claim`, {}, { key }), {
    stale: [keys.claims, keys.mine],
  });

/** Takes back the demand behind an order, which cancels the order. */
export const useWithdraw = () =>
  useAct(
    ({ demand }: { demand: string; order: string }, key) =>
      post(path`/api/v1/demands/${demand}/withdraw`, {}, { key }),
    { stale: ({ order }) => [keys.one(order), keys.lists, ['demand']] },
  );

export const evidenceUrl = (order: string, evidence: string) =>
  path`/api/v1/orders/${order}/evidence/${evidence}`;
