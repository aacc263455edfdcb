import type { Reason as Line } from '@/design/core';
import { count, dayWord, duration, figure, percent, span } from '@/design/format';
import type { Option, Reason, Refused, Span } from './api';
import type { Text } from './text';

/** Names for the ids that reasons speak of. */
export interface Names {
  worker: (id: string) => string;
  skill: (code: string) => string;
}

/** Extra travel from which on it speaks against a choice rather than for it. */
const farMinutes = 20;

/** Minutes as people say them: 6, and 2.5 where a half counts. */
export const minutes = (v: number) => figure(Math.abs(v) < 10 ? v : Math.round(v));

/** "1h2m0s", as Go prints a duration, in minutes. */
export function goMinutes(text: string): number | undefined {
  const m = /^(?:(\d+)h)?(?:(\d+)m)?(?:([\d.]+)s)?$/.exec(text);
  if (!m || text === '') return undefined;
  return Number(m[1] ?? 0) * 60 + Number(m[2] ?? 0) + Math.round(Number(m[3] ?? 0) / 60);
}

/**
 * The grounds of a decision as sentences, the strongest first. How many were asked, how many could
 * and which place the chosen one took make one sentence together.
 */
export function reasonLines(reasons: readonly Reason[], names: Names, t: Text): Line[] {
  const value = (code: string) => reasons.find((r) => r.code === code)?.value ?? 0;
  // Residents walk to a slot; workers travel to residents.
  const slot = reasons.some((r) => r.code === 'booked' || r.code === 'free-seats');
  const out: { line: Line; weight: number }[] = [];
  for (const r of reasons) {
    const found = lineOf(r, names, t, value, slot);
    if (found) out.push(found);
  }
  return out.sort((a, b) => a.weight - b.weight).map((x) => x.line);
}

/** What tells one candidate from the next; travel, lateness and place in the line stand in the price already. */
export function tellingLines(reasons: readonly Reason[], names: Names, t: Text): Line[] {
  const priced = new Set(['rank', 'travel', 'later-than-hoped']);
  return reasonLines(
    reasons.filter((r) => !priced.has(r.code)),
    names,
    t,
  );
}

type Weighed = { line: Line; weight: number } | undefined;

function lineOf(r: Reason, names: Names, t: Text, value: (code: string) => number, slot: boolean): Weighed {
  const w = t.reason;
  const v = r.value ?? 0;
  const m = minutes(Math.abs(v));
  const say = (weight: number, text: string, against = false): Weighed => ({
    weight,
    line: { text, against },
  });
  switch (r.code) {
    case 'preferred':
      return say(1, w.preferred);
    case 'same-carer':
      return say(2, w.same);
    case 'only-one':
      return say(3, w.only);
    case 'travel':
      if (slot) return say(4, v > 0 ? w.walk(m) : w.beside);
      return say(4, v > 0 ? (r.approx ? w.about : w.travel)(m) : w.near, v >= farMinutes);
    case 'rank': {
      const can = count(value('feasible'));
      const asked = count(value('asked'));
      if (value('feasible') <= 1) return undefined; // "the only one" says it
      return v > 1 ? say(8, w.nth(asked, can, count(v)), true) : say(5, w.best(asked, can));
    }
    case 'feasible':
    case 'asked':
      return undefined; // part of the sentence on rank
    case 'runner-up': {
      const name = names.worker(r.ref ?? '');
      if (v === 0) return say(6, w.nextSame(name));
      return v > 0 ? say(6, w.next(name, m)) : say(9, w.nextLess(name, m), true);
    }
    case 'runner-up-later': {
      const name = names.worker(r.ref ?? '');
      return v >= 0 ? say(6, w.nextLater(name, m)) : say(9, w.nextSooner(name, m), true);
    }
    case 'rating':
      return say(7, w.rating(figure(5 - v / 4)), v >= 4);
    case 'load':
      return say(9, w.load(percent(v / 10, 0)), v >= 5);
    case 'overqualified':
      return say(10, w.over(figure(v / 2, 0)), true);
    case 'later-than-hoped':
      return say(11, w.later(m), true);
    case 'better-silent':
      return say(6, w.silent(count(v)), true);
    case 'booked':
    case 'free-seats':
      return say(1, w.booked);
    case 'wait': // a tenth of the minutes until the slot begins
      return v > 0 ? say(11, w.later(minutes(v * 10)), true) : undefined;
    case 'worker-off':
      return say(3, w.off(names.worker(r.ref ?? '')), true);
    case 'no-show':
      return say(3, w.noShow(names.worker(r.ref ?? '')), true);
    case 'road-closed':
      return say(3, w.roadClosed(names.worker(r.ref ?? '')), true);
    case 'displaced-by':
      return say(3, w.displacedBy, true);
    case 'urgent':
      return say(1, w.urgent);
    case 'displaced':
      return v > 0 ? say(6, w.displaced(count(v)), true) : undefined;
    case 'by-hand':
      return say(1, w.byHand);
    case 'replanned':
      return say(2, w.replanned);
    default: {
      const nobody = whyNobody(r, t);
      return say(3, nobody ?? w.other(r.code), true);
    }
  }
}

/** How match says in English why no slot was free; the screen has its own words for each. */
const slotWords: Record<string, 'full' | 'closed' | 'tooFar' | 'noConsent'> = {
  'every slot is full': 'full',
  'nothing is open at that time': 'closed',
  'none within a walk of 15 minutes': 'tooFar',
  "the resident's consent is missing": 'noConsent',
};

function whyNobody(r: Reason, t: Text): string | undefined {
  const n = count(r.value ?? 0);
  switch (r.code) {
    case 'no-workers':
      return t.reason.noWorkers;
    case 'worker-off':
      return t.reason.offBefore;
    case 'no-show':
      return t.reason.noShowBefore;
    case 'road-closed':
      return t.reason.roadClosedBefore;
    case 'displaced-by':
      return t.reason.displacedBy;
    case 'no-slot':
      return t.reason[slotWords[r.ref ?? ''] ?? 'noSlot'];
    case 'no-room':
      return t.gates.room(n);
    default: {
      const gate = /^gate-(\w+)$/.exec(r.code)?.[1] as keyof Text['gates'] | undefined;
      return gate && gate in t.gates ? t.gates[gate](n) : undefined;
    }
  }
}

/** Why nobody can go, in one line; who is merely off duty or full says more than who lacks the skill. */
export function nobodyLine(reasons: readonly Reason[] | undefined, t: Text): string {
  if (!reasons?.length) return t.nobodyYet;
  const late = (r: Reason) => (r.code === 'gate-skill' ? 1 : 0);
  return [...reasons]
    .sort((a, b) => late(a) - late(b))
    .map((r) => whyNobody(r, t) ?? t.reason.other(r.code))
    .join(t.comma);
}

/** Why one person cannot go. */
export function gateWords(r: Pick<Refused, 'gate' | 'detail'>, names: Names, t: Text): string {
  const detail = r.detail ?? '';
  const g = t.gate;
  switch (r.gate) {
    case 'skill':
      return g.skill(names.skill(detail));
    case 'certificate': {
      const [code = '', day = ''] = detail.split(' ');
      return g.certificate(names.skill(code), dayWord(day));
    }
    case 'excluded':
      return g.excluded;
    case 'consent':
      return g.consent;
    case 'time':
      return detail === 'inactive' ? g.inactive : g.shift;
    case 'space':
      return detail === 'no-way' ? g.noWay : g.space(count(goMinutes(detail) ?? 45));
    case 'capacity':
      return g.capacity(duration((goMinutes(detail) ?? 0) * 60_000));
    default:
      return g.room;
  }
}

/** The price of one way in a line: 14:20–14:40 到 · 多走 6 分 · 不迟. */
export function priceLine(
  o: Pick<Option, 'promise' | 'travel_min' | 'late_min' | 'broken'>,
  t: Text,
  now: number,
): string {
  return [
    t.arrive(span(o.promise.from, o.promise.to, now)),
    o.travel_min > 0 ? t.moreTravel(minutes(o.travel_min)) : t.noTravel,
    o.late_min > 0 ? t.late(minutes(o.late_min)) : t.onTime,
    ...(o.broken > 0 ? [t.broken(count(o.broken))] : []),
  ].join(' · ');
}

/** The candidates who could go, grouped by what speaks against the rest, most frequent first. */
export function groupRefused(
  others: readonly Refused[],
  names: Names,
  t: Text,
): { because: string; who: Refused[] }[] {
  const by = new Map<string, Refused[]>();
  for (const r of others) {
    const words = gateWords(r, names, t);
    by.set(words, [...(by.get(words) ?? []), r]);
  }
  return [...by].map(([because, who]) => ({ because, who })).sort((a, b) => a.who.length - b.who.length);
}

/** A span, or nothing for a window without ends. */
export function windowOf(w: Span | undefined, now: number): string | undefined {
  const s = w ? span(w.from, w.to, now) : '—';
  return s === '—' ? undefined : s;
}
