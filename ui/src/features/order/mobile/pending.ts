import { answerOf, type Command, enqueue, enqueueAll, type Sent } from '@/api/outbox';
import { serverNow } from '@/design/clock';
import type { OrderStep, State, Task } from '../api';

/** Acts of a worker that wait for nothing but the network. */
export type WorkAct = 'accept' | 'en-route' | 'arrive' | 'finish' | 'pause' | 'resume';

const path = (order: string, rest: string) => `/api/v1/orders/${encodeURIComponent(order)}/${rest}`;
const when = () => new Date(serverNow()).toISOString();

/** Carries out an act now, or as soon as there is a network; it counts from this moment either way. */
export const work = (
  order: string,
  act: WorkAct | 'note',
  body: { reason?: string; note?: string } = {},
): Promise<Sent> =>
  enqueue({ subject: order, method: 'POST', path: path(order, act), body: { ...body, at: when() } });

/** Records a step with its proof; pictures go before it, under the ids the server gives them. */
export function recordStep(
  order: string,
  step: Pick<OrderStep, 'no' | 'evidence'>,
  proof: { pictures?: readonly Blob[]; note?: string; code?: string },
): Promise<Sent> {
  const kind = step.evidence === 'signature' ? 'signature' : 'photo';
  const pictures = proof.pictures ?? [];
  return enqueueAll([
    ...pictures.map((file) => ({
      subject: order,
      method: 'POST' as const,
      path: path(order, `evidence?kind=${kind}`),
      file,
    })),
    {
      subject: order,
      method: 'POST' as const,
      path: path(order, `steps/${step.no}`),
      body: {
        note: proof.note,
        code: proof.code,
        evidence: pictures.length ? pictures.map((_, i) => answerOf(i)) : undefined,
        at: when(),
      },
    },
  ]);
}

const leadsTo: Record<string, State> = {
  accept: 'accepted',
  'en-route': 'en_route',
  arrive: 'arrived',
  finish: 'finished',
  pause: 'paused',
};

/**
 * A task as it stands with what still waits on this phone: the worker goes on without
 * network and sees their own acts at once.
 */
export function withPending<T extends Task>(task: T, commands: readonly Command[]): T {
  let out = task;
  for (const c of commands) {
    if (c.subject !== task.id || c.refused || c.file) continue;
    const [act, no] = c.path.split('/').slice(-2);
    const at = (c.body as { at?: string } | undefined)?.at ?? '';
    if (act === 'steps') {
      const steps = out.steps.map((s) => (s.no === Number(no) && !s.done_at ? { ...s, done_at: at } : s));
      out = { ...out, steps };
    } else if (no === 'resume') {
      out = { ...out, state: out.held ?? 'accepted', held: undefined, since: at };
    } else if (no !== undefined && no in leadsTo) {
      const state = leadsTo[no] as State;
      out = {
        ...out,
        state,
        since: at,
        held: no === 'pause' ? out.state : out.held,
        arrived_at: no === 'arrive' ? at : out.arrived_at,
        finished_at: no === 'finish' ? at : out.finished_at,
      };
    }
  }
  return out;
}

/** Roles that carry steps out where the resident is; the steps of others are done at desks. */
const field = new Set([
  'provider-worker',
  'repairer',
  'family-doctor',
  'grid-worker',
  'social-worker',
  'volunteer',
  'team-lead',
]);

/** The steps a worker sees: those of field roles, and all that a finish asks for. */
export const ownSteps = (steps: readonly OrderStep[]): OrderStep[] =>
  steps.filter((s) => s.required || field.has(s.owner));

/** What proof the steps still ask for, each kind once: what to bring. */
export const needsOf = (steps: readonly OrderStep[]): NonNullable<OrderStep['evidence']>[] => [
  ...new Set(ownSteps(steps).flatMap((s) => (s.evidence && !s.done_at ? [s.evidence] : []))),
];

/** Required steps that are not done yet: without them nothing can be finished. */
export const missing = (steps: readonly OrderStep[]): OrderStep[] =>
  steps.filter((s) => s.required && !s.done_at);

/** The worker's jobs in the order they are done: running ones by planned start, then what is finished. */
export function inOrder(tasks: readonly Task[]): { open: Task[]; done: Task[] } {
  const start = (x: Task) =>
    Date.parse(x.start ?? x.promise?.from ?? x.due.limit_at ?? '') || Number.POSITIVE_INFINITY;
  const over = (x: Task) =>
    ['finished', 'confirmed', 'rated', 'closed', 'failed', 'canceled'].includes(x.state);
  // who is on the way or at a door finishes that first
  const moving = (x: Task) => (x.state === 'arrived' || x.state === 'en_route' ? 0 : 1);
  const open = tasks.filter((x) => !over(x)).sort((a, b) => moving(a) - moving(b) || start(a) - start(b));
  const done = tasks.filter(over).sort((a, b) => start(b) - start(a));
  return { open, done };
}
