import { gridDisk, latLngToCell } from 'h3-js';
import { expect, it } from 'vitest';
import { extent } from './base';
import { cellPolygons, cellState, changed } from './cells';

const cells = gridDisk(latLngToCell(31.24, 121.49, 10), 4);

it('every hexagon is a closed ring around its cell, in longitude and latitude', () => {
  const fc = cellPolygons(cells);
  expect(fc.features.map((f) => f.id)).toEqual(cells.map((_, i) => i));
  for (const f of fc.features) {
    const ring = f.geometry.coordinates[0] ?? [];
    expect(ring[0]).toEqual(ring.at(-1));
    expect(
      ring.every(([lng, lat]) => Math.abs((lng ?? 0) - 121.49) < 0.05 && Math.abs((lat ?? 0) - 31.24) < 0.05),
    ).toBe(true);
  }
});

it('too few people is its own state, not a zero', () => {
  expect(cellState(null, 40, false)).toEqual({ v: -1, small: true, hot: false });
  expect(cellState(0, 40, false)).toEqual({ v: 0, small: false, hot: false });
  expect(cellState(50, 40, true)).toEqual({ v: 1, small: false, hot: true });
  expect(cellState(3, 0, undefined)).toEqual({ v: -1, small: false, hot: false });
});

it('only what changed is written', () => {
  const before = [3, null, 8].map((v) => cellState(v, 10, false));
  const after = [3, 5, 9].map((v) => cellState(v, 10, false));
  expect(changed(before, after)).toEqual([1, 2]);
  expect(changed([], after)).toEqual([0, 1, 2]);
  expect(changed(after, after)).toEqual([]);
});

it('the camera looks at everything there is, and stays when there is nothing', () => {
  const box = extent(cellPolygons(cells)) ?? [0, 0, 0, 0];
  expect([box[0] < 121.49, box[1] < 31.24, box[2] > 121.49, box[3] > 31.24]).toEqual([
    true,
    true,
    true,
    true,
  ]);
  expect(extent({ type: 'FeatureCollection', features: [] })).toBeUndefined();
});
