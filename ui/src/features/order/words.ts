import type { Reason } from '@/design/core/Why';
import { figure } from '@/design/format';
import { getLang } from '@/i18n';
import type { Act, Ground, Line, Order, OrderStep, Owner, State } from './api';
import type { zh } from './text.zh';

type Text = typeof zh;

/** Reasons each act may give, as the server closes them; "other" needs a sentence. */
export const reasonsOf: Partial<Record<Act, readonly string[]>> = {
  pause: ['waiting-for-resident', 'material', 'weather', 'worker-unable', 'safety', 'other'],
  fail: ['no-worker', 'refused', 'not-at-home', 'not-feasible', 'out-of-catalog', 'no-show', 'other'],
  cancel: ['withdrawn', 'duplicate', 'solved-otherwise', 'mistake', 'other'],
  reopen: ['not-solved', 'poor-quality', 'came-back', 'mistake', 'other'],
  dispute: ['not-solved', 'poor-quality', 'came-back', 'not-needed', 'other'],
};

/** Why a worker may give an order back. */
export const declineReasons = [
  'sick',
  'too-far',
  'no-time',
  'skill',
  'resident-refused',
  'vehicle',
  'other',
] as const;

/** Grade shown for a promise class; ordinary and booked orders carry none. */
export const severityOf = (sla: Order['sla']): number | undefined =>
  sla === 'P1' ? 5 : sla === 'P2' ? 3 : undefined;

export const nameOf = (x: { zh: string; en: string }): string => (getLang() === 'en' ? x.en || x.zh : x.zh);

/** The one act a page offers first, of those the asker may do now. */
export function primaryOf(o: Pick<Order, 'state' | 'may'>): Act | undefined {
  const wanted: Partial<Record<State, Act>> = {
    assigned: 'accept',
    accepted: 'en-route',
    en_route: 'arrive',
    arrived: 'finish',
    paused: 'resume',
    finished: 'confirm',
    rated: 'close',
    failed: 'reopen',
  };
  const act = wanted[o.state];
  return act && o.may.includes(act) ? act : undefined;
}

/** Who answers, in words: the worker's name when the order shows it, else the role. */
export function ownerWord(
  t: Text,
  owner: Owner | undefined,
  people: (Order['worker'] | undefined)[] = [],
): string {
  if (!owner) return '';
  const named = owner.worker ? people.find((p) => p?.id === owner.worker)?.name : undefined;
  return named ?? t.role[owner.role] ?? owner.role;
}

/** Where time left begins, so that "close" means the last quarter of the whole promise. */
export const clockStart = (o: Pick<Order, 'due' | 'submitted_at' | 'since'>): string =>
  o.due.what === 'state' ? o.since : o.submitted_at;

/** The grounds of a decision as sentences, the strongest first. */
export function reasonsIn(t: Text, grounds: readonly Ground[]): Reason[] {
  const w = t.why;
  const value = (code: string) => grounds.find((g) => g.code === code)?.value;
  const out: Reason[] = [];
  for (const g of grounds) {
    const n = g.value ?? 0;
    const size = figure(Math.abs(n));
    const whole = Math.round(n);
    if (g.code.startsWith('gate-')) {
      const say = w.gate[g.code.slice(5)];
      if (say) out.push({ text: say(whole), against: true });
      continue;
    }
    switch (g.code) {
      case 'rank':
        out.push({ text: w.ranked(value('asked') ?? 0, value('feasible') ?? 0, whole) });
        break;
      case 'travel':
        out.push(Math.abs(n) < 1 ? { text: w.near } : { text: w.travel(size) });
        break;
      case 'later-than-hoped':
        out.push({ text: w.late(size), against: true });
        break;
      case 'same-carer':
      case 'continuity':
        out.unshift({ text: w.sameCarer, part: w.minutes(figure(-Math.abs(n))) });
        break;
      case 'preferred':
        out.unshift({ text: w.preferred });
        break;
      case 'rating':
        out.push(n <= 0 ? { text: w.goodRating } : { text: w.lowRating, against: true });
        break;
      case 'load':
        out.push(n <= 0 ? { text: w.idle } : { text: w.load, against: true });
        break;
      case 'overqualified':
        if (n > 0) out.push({ text: w.overqualified, against: true });
        break;
      case 'wait':
        if (n > 0) out.push({ text: w.wait(size), against: true });
        break;
      case 'only-one':
        out.push({ text: w.onlyOne });
        break;
      case 'runner-up':
        if (Math.abs(n) >= 0.5)
          out.push(n > 0 ? { text: w.better(size) } : { text: w.worse(size), against: true });
        break;
      case 'runner-up-later':
        out.push(n > 0 ? { text: w.earlier(size) } : { text: w.later(size), against: true });
        break;
      case 'better-silent':
        out.push({ text: w.silent(whole), against: true });
        break;
      case 'booked':
        out.push({ text: w.booked });
        break;
      case 'free-seats':
        out.push({ text: w.seats });
        break;
      case 'no-slot':
        out.push({ text: w.noSlot, against: true });
        break;
      case 'no-room':
        out.push({ text: w.noRoom(whole), against: true });
        break;
      case 'no-workers':
        out.push({ text: w.noWorkers, against: true });
        break;
      case 'worker-off':
        out.push({ text: w.workerOff, against: true });
        break;
    }
  }
  return out;
}

/** A line of the timeline as a sentence. */
export function lineWord(
  t: Text,
  l: Line,
  o: { worker?: Order['worker']; second?: Order['second']; steps?: OrderStep[] },
): string {
  const clock = t.clock[l.clock ?? ''] ?? '';
  const people = [o.worker, o.second];
  switch (l.kind) {
    case 'order.breached':
      return t.breachLine(clock, ownerWord(t, l.owner, people));
    case 'order.escalated':
      return t.escalateLine(clock, t.role[l.to_role ?? ''] ?? l.to_role ?? '');
    case 'order.lifted':
      return t.liftLine(clock);
    case 'order.rated':
      return l.stars ? t.ratedLine(l.stars) : (t.line[l.kind] ?? l.kind);
    case 'order.step_done': {
      const step = o.steps?.find((s) => s.no === l.step);
      return step ? t.stepLine(nameOf(step)) : (t.line[l.kind] ?? l.kind);
    }
  }
  return t.line[l.kind] ?? l.kind;
}

/** What was given as the reason, in words; codes nobody knows stand for themselves. */
export const reasonWord = (t: Text, code: string | undefined): string =>
  code ? (t.reason[code] ?? code) : '';
