import type { FeatureCollection, Polygon } from 'geojson';
import { cellToBoundary, cellToLatLng } from 'h3-js';

/** Hexagons as polygons whose id is their place in the list; made once per list, values come by state. */
export function cellPolygons(cells: readonly string[]): FeatureCollection<Polygon> {
  return {
    type: 'FeatureCollection',
    features: cells.map((cell, id) => {
      const ring = cellToBoundary(cell, true) as [number, number][];
      return { type: 'Feature', id, properties: {}, geometry: { type: 'Polygon', coordinates: [ring] } };
    }),
  };
}

export interface CellState {
  v: number;
  small: boolean;
  hot: boolean;
}

/** Color state of one cell: its share of the maximum, too few, or a hot spot. */
export function cellState(
  value: number | null | undefined,
  max: number,
  hot: boolean | undefined,
): CellState {
  return {
    v: value === null || value === undefined || max <= 0 ? -1 : Math.min(1, value / max),
    small: value === null,
    hot: hot === true,
  };
}

/** Indexes whose state differs from before: only these are written to the map. */
export function changed(before: readonly CellState[], after: readonly CellState[]): number[] {
  const out: number[] = [];
  for (const [i, s] of after.entries()) {
    const b = before[i];
    if (!b || b.v !== s.v || b.small !== s.small || b.hot !== s.hot) out.push(i);
  }
  return out;
}

/** Middles of hexagons as longitude and latitude. */
export function cellCenters(cells: readonly string[]): [number, number][] {
  return cells.map((c) => {
    const [lat, lng] = cellToLatLng(c);
    return [lng, lat];
  });
}
