import type { Demand, Guess, Understanding } from './api';
import { whole } from './marks';

export type Certainty = 'sure' | 'fair' | 'weak' | 'none';

/** Certainty in steps a person can weigh; from `least` on no clerk is asked. */
export const certaintyOf = (p: number, least = 0.75): Certainty =>
  p >= 0.95 ? 'sure' : p >= least ? 'fair' : p >= 0.5 ? 'weak' : 'none';

/** How far the sources of a case can be believed, in words' keys. */
export const confidenceOf = (d: Pick<Demand, 'confidence' | 'voices'>): 'high' | 'full' | 'mid' | 'low' =>
  d.confidence >= 0.999 ? 'full' : d.confidence >= 0.9 ? 'high' : d.confidence > 0.5 ? 'mid' : 'low';

/** Text in one line for lists. */
export const oneLine = (d: Pick<Demand, 'title' | 'text'>): string => whole(d).replaceAll(/\s+/g, ' ');

/** How alike two texts are, in words' keys. */
export const alike = (cosine: number): 'high' | 'mid' | 'low' =>
  cosine >= 0.9 ? 'high' : cosine >= 0.6 ? 'mid' : 'low';

/** Grade of a demand: danger nobody has looked at is urgent, a raised urgency is soon. */
export const severityOf = (d: Pick<Demand, 'attention' | 'urgency' | 'state'>): number | undefined =>
  d.attention ? 5 : d.urgency >= 3 ? 4 : d.urgency === 2 ? 3 : undefined;

/** The words that spoke for the first guess and those against it, the strongest first, each once. */
export function deciding(u: Understanding): { for: string[]; against: string[]; taught: boolean } {
  const words = [...(u.words ?? [])].sort((a, b) => Math.abs(b.weight) - Math.abs(a.weight));
  const pick = (keep: (w: number) => boolean) => [
    ...new Set(words.filter((w) => keep(w.weight)).flatMap((w) => w.text.split(/\s+/))),
  ];
  return {
    for: pick((w) => w > 0).slice(0, 6),
    against: pick((w) => w < 0).slice(0, 4),
    taught: words.some((w) => w.source === 'correction'),
  };
}

/** The best guess of an understanding; undefined when nothing was recognized. */
export const best = (u: Understanding): Guess | undefined =>
  u.spec || u.office ? { spec: u.spec, item: u.item, office: u.office, p: u.certainty } : u.guesses?.[0];
