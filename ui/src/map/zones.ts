import type { FeatureCollection } from 'geojson';
import type { Zone } from './spec';

/** Corners of a circle as it is drawn. */
const corners = 48;
/** Meters of one degree of latitude. */
const degree = 111_320;

/** Circles on the ground as polygons. */
export function zonePolygons(zones: readonly Zone[]): FeatureCollection {
  return {
    type: 'FeatureCollection',
    features: zones.map((z) => {
      const wide = degree * Math.cos((z.lat * Math.PI) / 180);
      const ring = Array.from({ length: corners + 1 }, (_, i) => {
        const a = ((i % corners) * 2 * Math.PI) / corners;
        return [z.lng + (z.radius_m * Math.cos(a)) / wide, z.lat + (z.radius_m * Math.sin(a)) / degree];
      });
      return {
        type: 'Feature' as const,
        properties: { id: z.id },
        geometry: { type: 'Polygon' as const, coordinates: [ring] },
      };
    }),
  };
}
