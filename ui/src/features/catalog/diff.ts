import type { SopText, Step } from './api';

export type Field = keyof Step;
const fields: Field[] = [
  'zh',
  'en',
  'owner',
  'limit_min',
  'evidence',
  'required',
  'check_zh',
  'check_en',
  'else_zh',
  'else_en',
];

/** What became of one step between two versions. */
export interface Change {
  kind: 'same' | 'changed' | 'added' | 'removed';
  /** Number in the older and in the newer version, from 1. */
  from?: number;
  to?: number;
  before?: Step;
  after?: Step;
  /** Fields that differ, of a changed step. */
  fields: Field[];
}

const plain = (s: Step, f: Field): string | number | boolean =>
  s[f] ?? (f === 'limit_min' ? 0 : f === 'required' ? false : '');

/** Fields in which two steps differ; what is absent is the same as empty. */
export const differing = (a: Step, b: Step): Field[] => fields.filter((f) => plain(a, f) !== plain(b, f));

/** How much two steps have in common, 0 to 1; the name weighs most. */
function likeness(a: Step, b: Step): number {
  if (a.zh === b.zh) return 1;
  const shared = new Set([...a.zh].filter((c) => b.zh.includes(c))).size;
  const name = shared / Math.max(1, new Set([...a.zh, ...b.zh]).size);
  const rest = fields.filter((f) => f !== 'zh' && f !== 'en' && plain(a, f) === plain(b, f)).length / 8;
  return name * 0.7 + rest * 0.3;
}

/**
 * The steps of two versions side by side, in the order of the newer one. Steps are paired so
 * that the order holds and the pairs are as alike as can be; what is too different is one
 * step removed and another added.
 */
export function compare(before: readonly Step[], after: readonly Step[]): Change[] {
  const n = before.length;
  const m = after.length;
  const best = Array.from({ length: n + 1 }, () => new Array<number>(m + 1).fill(0));
  const at = (i: number, j: number) => best[i]?.[j] ?? 0;
  const pair = (i: number, j: number) => {
    const l = likeness(before[i] as Step, after[j] as Step);
    return l >= 0.45 ? l : -1;
  };
  for (let i = n - 1; i >= 0; i--) {
    for (let j = m - 1; j >= 0; j--) {
      (best[i] as number[])[j] = Math.max(at(i + 1, j), at(i, j + 1), pair(i, j) + at(i + 1, j + 1));
    }
  }
  const out: Change[] = [];
  let i = 0;
  let j = 0;
  while (i < n || j < m) {
    const a = before[i];
    const b = after[j];
    if (a && b && pair(i, j) > 0 && at(i, j) === pair(i, j) + at(i + 1, j + 1)) {
      const differ = differing(a, b);
      out.push({
        kind: differ.length > 0 ? 'changed' : 'same',
        from: i + 1,
        to: j + 1,
        before: a,
        after: b,
        fields: differ,
      });
      i++;
      j++;
    } else if (a && (!b || at(i, j) === at(i + 1, j))) {
      out.push({ kind: 'removed', from: i + 1, before: a, fields: [] });
      i++;
    } else if (b) {
      out.push({ kind: 'added', to: j + 1, after: b, fields: [] });
      j++;
    }
  }
  return out;
}

const heads = ['zh', 'en', 'owner', 'scope_zh', 'scope_en', 'basis'] as const;
export type Head = (typeof heads)[number];

/** What differs above the steps: names, scope, keeper, basis. */
export const headChanges = (a: SopText, b: SopText): { field: Head; before: string; after: string }[] =>
  heads
    .map((field) => ({ field, before: a[field] ?? '', after: b[field] ?? '' }))
    .filter((c) => c.before !== c.after);

/** How many differences there are in all. */
export const countChanges = (a: SopText, b: SopText): number =>
  headChanges(a, b).length + compare(a.steps, b.steps).filter((c) => c.kind !== 'same').length;
