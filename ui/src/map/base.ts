import { useQuery } from '@tanstack/react-query';
import type { FeatureCollection, Position } from 'geojson';
import { get, type Page } from '@/api/client';
import { useMay } from '@/api/me';
import type { BaseMap } from './spec';

const never = { staleTime: Number.POSITIVE_INFINITY, gcTime: Number.POSITIVE_INFINITY } as const;
/** One layer of the neighborhood, read once per page by whoever asks first. */
export const layer = (url: string) => ({
  queryKey: ['map', url],
  queryFn: ({ signal }: { signal: AbortSignal }) => get<FeatureCollection>(url, undefined, signal),
  ...never,
});

/** The neighborhood's own houses, roads and waters; read once per page and kept. */
export function useOwnBase(wanted: boolean): { base: BaseMap | undefined; attribution: string | undefined } {
  const may = useMay();
  const on = { enabled: wanted && may('place.read') };
  const buildings = useQuery({ ...layer('/api/v1/map/buildings'), ...on });
  const roads = useQuery({ ...layer('/api/v1/map/features?kind=road'), ...on });
  const water = useQuery({ ...layer('/api/v1/map/features?kind=water'), ...on });
  const source = useQuery({
    queryKey: ['map', 'source'],
    queryFn: ({ signal }) =>
      get<Page<{ source?: string }>>('/api/v1/places', { depth: 4, limit: 1 }, signal).then(
        (p) => p.items[0]?.source ?? '',
      ),
    ...never,
    ...on,
  });
  if (!wanted) return { base: undefined, attribution: undefined };
  return {
    base: { buildings: buildings.data, roads: roads.data, water: water.data },
    // the licence of the data (ODbL) asks for this line
    attribution: source.data?.startsWith('osm') ? '© OpenStreetMap' : undefined,
  };
}

/** West, south, east, north of everything in a collection; undefined when it is empty. */
export function extent(fc: FeatureCollection): [number, number, number, number] | undefined {
  const box: [number, number, number, number] = [180, 90, -180, -90];
  const walk = (c: unknown): void => {
    if (!Array.isArray(c)) return;
    if (typeof c[0] === 'number') {
      const [lng, lat] = c as Position as [number, number];
      box[0] = Math.min(box[0], lng);
      box[1] = Math.min(box[1], lat);
      box[2] = Math.max(box[2], lng);
      box[3] = Math.max(box[3], lat);
      return;
    }
    for (const one of c) walk(one);
  };
  for (const f of fc.features) {
    if (f.geometry && f.geometry.type !== 'GeometryCollection') walk(f.geometry.coordinates);
  }
  return box[0] <= box[2] ? box : undefined;
}
