import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { useMay } from '@/api/me';
import { doorOf } from '@/design/format';
import { layer } from './base';

/** A place with its name, from the layers of the map. */
export interface Spot {
  place: string;
  name: string;
  lng: number;
  lat: number;
  /** 1 region, 2 grid, 3 estate, 4 building. */
  depth: number;
}

type Named = { place: string; name: string; lng: number; lat: number; depth?: number };

/** The named places of the neighborhood, and how a place is written on a door. */
export function useTown() {
  const may = useMay();
  const on = { enabled: may('place.read') };
  const buildings = useQuery({ ...layer('/api/v1/map/buildings'), ...on }).data;
  const areas = useQuery({ ...layer('/api/v1/map/areas'), ...on }).data;
  return useMemo(() => {
    const spots: Spot[] = [...(areas?.features ?? []), ...(buildings?.features ?? [])].map((f) => ({
      depth: 4,
      ...(f.properties as Named),
    }));
    const byPlace = new Map(spots.map((s) => [s.place, s]));
    return {
      spots,
      spot: (place: string) => byPlace.get(place),
      /** Name of one place: 外滩社区. */
      name: (place: string) => byPlace.get(place)?.name ?? place.split('/').pop() ?? place,
      /** The whole address as on a door: 滇池路100号1单元302室. */
      door: (place: string) => doorOf(place, (p) => byPlace.get(p)?.name),
    };
  }, [buildings, areas]);
}

/** A rectangle around named places, as a start for the camera. */
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
