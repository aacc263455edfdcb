import { useQuery } from '@tanstack/react-query';
import { get, type Page, path, post } from '@/api/client';
import { useAct } from '@/api/query';
import type { components } from '@/api/schema.gen';
import type { Zone } from '@/map/spec';
import { keys, type Spot } from './api';

export type Closure = components['schemas']['GeoClosure'];

/** Ways that are closed now, the newest first. */
export const useRoads = () =>
  useQuery({
    queryKey: keys.roads,
    queryFn: ({ signal }) =>
      get<Page<Closure>>('/api/v1/road-closures', undefined, signal).then((p) => p.items),
    refetchInterval: 5 * 60_000, // they end by themselves
  });

/** Lets people through again. */
export const useOpenRoad = () =>
  useAct((id: string, key) => post(path`/api/v1/road-closures/${id}/open`, {}, { key }), {
    stale: [keys.roads, keys.boards, keys.whys],
  });

/** Steps of a closed line as it is drawn: circles that touch. */
const beads = 40;

/** What is closed, and what is about to be, as circles on the map. A line becomes a row of them. */
export function zonesOf(closed: readonly Closure[], next?: Spot & { radius_m: number }): Zone[] {
  const out: Zone[] = closed.flatMap((c) => {
    const { from, to = from } = c;
    const n = c.to ? beads : 1;
    return Array.from({ length: n }, (_, i) => {
      const f = n > 1 ? i / (n - 1) : 0;
      return {
        id: `${c.id}/${i}`,
        lng: from.lng + (to.lng - from.lng) * f,
        lat: from.lat + (to.lat - from.lat) * f,
        radius_m: c.radius_m,
      };
    });
  });
  return next ? [...out, { id: 'next', ...next }] : out;
}
