import { describe, expect, it } from 'vitest';
import { type Cell, type Lane, step } from './lanes';

const lane = (id: string, ...from: number[]): Lane => ({
  id,
  name: id,
  shifts: [],
  blocks: from.flatMap((m) => [
    { id: `${id}-${m}-way`, from: m - 10, to: m, kind: 'travel' as const, label: '' },
    { id: `${id}-${m}`, from: m, to: m + 30, kind: 'visit' as const, label: '' },
  ]),
});
const lanes = [lane('a', 480, 600, 720), lane('b', 610), lane('c')];

describe('the keyboard in the lanes', () => {
  const go = (at: Cell, key: string) => step(lanes, at, key);
  it('goes along the day from visit to visit, with the name at its head', () => {
    expect(go({ lane: 'a' }, 'ArrowRight')).toEqual({ lane: 'a', block: 'a-480' });
    expect(go({ lane: 'a', block: 'a-480' }, 'ArrowRight')).toEqual({ lane: 'a', block: 'a-600' });
    expect(go({ lane: 'a', block: 'a-480' }, 'ArrowLeft')).toEqual({ lane: 'a', block: undefined });
    expect(go({ lane: 'a', block: 'a-720' }, 'ArrowRight')).toBeUndefined();
    expect(go({ lane: 'a', block: 'a-480' }, 'End')).toEqual({ lane: 'a', block: 'a-720' });
    expect(go({ lane: 'a', block: 'a-720' }, 'Home')).toEqual({ lane: 'a', block: undefined });
  });
  it('goes to the visit of the next lane that is nearest in time, or to the name of an idle one', () => {
    expect(go({ lane: 'a', block: 'a-480' }, 'ArrowDown')).toEqual({ lane: 'b', block: 'b-610' });
    expect(go({ lane: 'b', block: 'b-610' }, 'ArrowUp')).toEqual({ lane: 'a', block: 'a-600' });
    expect(go({ lane: 'b', block: 'b-610' }, 'ArrowDown')).toEqual({ lane: 'c', block: undefined });
    expect(go({ lane: 'a' }, 'PageDown')).toEqual({ lane: 'c', block: undefined });
    expect(go({ lane: 'c' }, 'ArrowDown')).toBeUndefined();
  });
  it('begins at the first lane when its own is gone', () => {
    expect(go({ lane: 'gone', block: 'x' }, 'ArrowDown')).toEqual({ lane: 'a' });
    expect(step([], { lane: 'gone' }, 'ArrowDown')).toBeUndefined();
  });
});
