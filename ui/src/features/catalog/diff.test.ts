import { describe, expect, it } from 'vitest';
import type { SopText, Step } from './api';
import { compare, countChanges, differing, headChanges } from './diff';

const step = (zh: string, more: Partial<Step> = {}): Step => ({ zh, en: zh, owner: 'repairer', ...more });
const kinds = (a: Step[], b: Step[]) => compare(a, b).map((c) => [c.kind, c.from, c.to]);

const base = [step('受理'), step('上门', { limit_min: 30 }), step('维修', { required: true }), step('确认')];

describe('two versions of a procedure', () => {
  it('that are equal differ in nothing, absent or empty', () => {
    expect(kinds(base, base).every(([k]) => k === 'same')).toBe(true);
    expect(differing(step('受理'), step('受理', { check_zh: '', limit_min: 0, required: false }))).toEqual(
      [],
    );
  });
  it('show a step added, one removed and one changed where they are', () => {
    const after = [
      step('受理'),
      step('备料', { owner: 'property-manager', evidence: 'note' }),
      step('上门', { limit_min: 20 }),
      step('确认'),
    ];
    expect(kinds(base, after)).toEqual([
      ['same', 1, 1],
      ['added', undefined, 2],
      ['changed', 2, 3],
      ['removed', 3, undefined],
      ['same', 4, 4],
    ]);
    expect(compare(base, after)[2]?.fields).toEqual(['limit_min']);
  });
  it('call a step with a new wording changed, not another', () => {
    const after = base.map((s) => (s.zh === '维修' ? { ...s, zh: '维修并清理', en: 'x' } : s));
    expect(kinds(base, after)[2]).toEqual(['changed', 3, 3]);
  });
  it('lose no step and keep both orders, whatever they are', () => {
    const pool = ['受理', '上门', '维修', '确认', '回访', '备料'];
    let seed = 7;
    const rnd = () => {
      seed = (seed * 1103515245 + 12345) % 2147483648;
      return seed / 2147483648;
    };
    for (let k = 0; k < 200; k++) {
      const pick = () =>
        Array.from({ length: Math.floor(rnd() * 6) }, () => step(pool[Math.floor(rnd() * 6)] ?? ''));
      const [a, b] = [pick(), pick()];
      const c = compare(a, b);
      expect(c.flatMap((x) => x.from ?? [])).toEqual(a.map((_, i) => i + 1));
      expect(c.flatMap((x) => x.to ?? [])).toEqual(b.map((_, i) => i + 1));
    }
  });
  it('count what differs above the steps, too', () => {
    const text = (scope_zh: string, steps: Step[]): SopText => ({
      zh: '规程',
      en: 'x',
      owner: 'o',
      scope_zh,
      steps,
    });
    expect(headChanges(text('a', base), text('b', base))).toEqual([
      { field: 'scope_zh', before: 'a', after: 'b' },
    ]);
    expect(countChanges(text('a', base), text('b', base.slice(1)))).toBe(2);
  });
});
