import { useQuery } from '@tanstack/react-query';
import type { FeatureCollection } from 'geojson';
import { useMemo } from 'react';
import { get } from '@/api/client';
import { useMay } from '@/api/me';
import { doorOf } from '@/design/format';
import type { BaseMap } from './spec';

/** A place with its name, from the layers of the map. */
export interface Spot {
  place: string;
  name: string;
  lng: number;
  lat: number;
  /** 1 region, 2 grid, 3 estate, 4 building. */
  depth: number;
}

async function layer(path: string, signal: AbortSignal): Promise<FeatureCollection> {
  const fc = await get<FeatureCollection>(path, undefined, signal);
  // the map marks a feature by its property `id`, and widens roads by `class`
  for (const f of fc.features) f.properties = { ...f.properties, id: f.id, class: f.properties?.kind };
  return fc;
}

function useLayer(name: string, path: string) {
  const may = useMay();
  return useQuery({
    queryKey: ['places', 'map', name],
    queryFn: ({ signal }) => layer(path, signal),
    enabled: may('place.read'),
    staleTime: 30 * 60_000,
    gcTime: 60 * 60_000,
  }).data;
}

/** The neighborhood: the ground of its map, its named places, and how a place is written on a door. */
export function useTown() {
  const buildings = useLayer('buildings', '/api/v1/map/buildings');
  const areas = useLayer('areas', '/api/v1/map/areas');
  const roads = useLayer('roads', '/api/v1/map/features?kind=road');
  const water = useLayer('water', '/api/v1/map/features?kind=water');
  return useMemo(() => {
    const spots: Spot[] = [...(areas?.features ?? []), ...(buildings?.features ?? [])].map((f) => ({
      depth: 4,
      ...(f.properties as { place: string; name: string; lng: number; lat: number; depth?: number }),
    }));
    const byPlace = new Map(spots.map((s) => [s.place, s]));
    const base: BaseMap = { buildings, roads, water };
    return {
      base,
      spots,
      spot: (place: string) => byPlace.get(place),
      /** Name of one place: 外滩社区. */
      name: (place: string) => byPlace.get(place)?.name ?? place.split('/').pop() ?? place,
      /** The whole address as on a door: 滇池路 100 号 1 单元 302 室, without the blanks. */
      door: (place: string) => doorOf(place, (p) => byPlace.get(p)?.name),
    };
  }, [buildings, areas, roads, water]);
}

/** Middle of a rectangle around named places, as a start for the camera. */
export function boundsOf(spots: readonly Spot[]): [number, number, number, number] | undefined {
  if (spots.length === 0) return undefined;
  const lng = spots.map((s) => s.lng);
  const lat = spots.map((s) => s.lat);
  return [Math.min(...lng), Math.min(...lat), Math.max(...lng), Math.max(...lat)];
}

/** The named place of a depth that lies nearest to a point; degrees suffice within a town. */
export function nearest(spots: readonly Spot[], lng: number, lat: number, depth: number): Spot | undefined {
  let best: Spot | undefined;
  let least = Number.POSITIVE_INFINITY;
  const k = Math.cos((lat * Math.PI) / 180);
  for (const s of spots) {
    if (s.depth !== depth) continue;
    const d = ((s.lng - lng) * k) ** 2 + (s.lat - lat) ** 2;
    if (d < least) {
      least = d;
      best = s;
    }
  }
  return best;
}
