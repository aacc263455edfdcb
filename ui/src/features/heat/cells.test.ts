import { expect, it } from 'vitest';
import type { Spot } from '@/map/town';
import { nameOf, ranked, valuesOf } from './cells';

const cells = [{ cell: 'a', n: 12 }, { cell: 'b' }, { cell: 'd', n: 24 }, { cell: 'c', n: 12 }];

it('ranks only what may be counted out', () => {
  expect(ranked(cells)).toEqual([
    { cell: 'd', n: 24, share: 0.5, rank: 1 },
    { cell: 'a', n: 12, share: 0.25, rank: 2 },
    { cell: 'c', n: 12, share: 0.25, rank: 3 },
  ]);
});

it('never turns too few into a number', () => {
  expect(valuesOf(cells)).toEqual([12, null, 24, 12]);
  expect(ranked([{ cell: 'b' }])).toEqual([]);
});

it('calls a cell after the nearest estate, not after a nearer building', () => {
  const spot = (name: string, lng: number, depth: number): Spot => ({
    place: name,
    name,
    lng,
    lat: 31.24,
    depth,
  });
  const spots = [spot('北京东路片区', 121.49, 3), spot('外滩社区', 121.48, 1), spot('12 号楼', 121.481, 4)];
  expect(nameOf([121.481, 31.24], spots)).toBe('北京东路片区');
  expect(nameOf(undefined, spots)).toBeUndefined();
});
