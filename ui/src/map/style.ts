import type { StyleSpecification } from 'maplibre-gl';

const token = (name: string) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
const empty = { type: 'geojson' as const, data: { type: 'FeatureCollection' as const, features: [] } };

/** Colors of the heat ramp on light ground: few is light, many is dark. */
export const ramp = () => [7, 6, 5, 4, 3, 2, 1].map((n) => token(`--heat-${n}`));

/** The whole map as a style: ground, heat, streets, houses, routes, marks. No glyph server: text is drawn by the page's own fonts. */
export function mapStyle(): StyleSpecification {
  const stops = ramp();
  const heat = ['coalesce', ['feature-state', 'v'], -1];
  return {
    version: 8,
    sources: {
      water: empty,
      green: empty,
      roads: empty,
      buildings: { ...empty, promoteId: 'place' },
      heat: empty,
      zones: empty,
      routes: empty,
      crowd: { ...empty, cluster: true, clusterRadius: 34, clusterMaxZoom: 17 },
      markers: empty,
    },
    layers: [
      { id: 'land', type: 'background', paint: { 'background-color': token('--map-land') } },
      { id: 'green', type: 'fill', source: 'green', paint: { 'fill-color': token('--map-green') } },
      { id: 'water', type: 'fill', source: 'water', paint: { 'fill-color': token('--map-water') } },
      {
        id: 'road-edge',
        type: 'line',
        source: 'roads',
        minzoom: 13,
        layout: { 'line-cap': 'round', 'line-join': 'round' },
        paint: { 'line-color': token('--map-road-edge'), 'line-width': width(2) },
      },
      {
        id: 'road',
        type: 'line',
        source: 'roads',
        layout: { 'line-cap': 'round', 'line-join': 'round' },
        paint: { 'line-color': token('--map-road'), 'line-width': width(0) },
      },
      {
        id: 'heat',
        type: 'fill',
        source: 'heat',
        paint: {
          'fill-antialias': false,
          'fill-color': [
            'interpolate',
            ['linear'],
            heat,
            ...stops.flatMap((color, i) => [0.04 + (0.96 * i) / (stops.length - 1), color]),
          ] as never,
          'fill-opacity': ['case', ['<', heat, 0.04], 0, 0.75] as never,
        },
      },
      {
        id: 'heat-small',
        type: 'fill',
        source: 'heat',
        paint: {
          'fill-pattern': 'hatch',
          'fill-opacity': ['case', ['==', ['feature-state', 'small'], true], 0.5, 0] as never,
        },
      },
      {
        id: 'heat-hot',
        type: 'line',
        source: 'heat',
        paint: {
          'line-color': token('--ink-1'),
          'line-width': 2,
          'line-opacity': [
            'case',
            ['any', ['==', ['feature-state', 'hot'], true], ['==', ['feature-state', 'picked'], true]],
            1,
            0,
          ] as never,
        },
      },
      {
        id: 'building',
        type: 'fill',
        source: 'buildings',
        minzoom: 11,
        paint: {
          'fill-color': [
            'case',
            ['==', ['feature-state', 'picked'], true],
            token('--brand-weak'),
            token('--map-building'),
          ] as never,
          // over the heat the houses stay readable without hiding it
          'fill-opacity': 0.72,
        },
      },
      {
        id: 'building-edge',
        type: 'line',
        source: 'buildings',
        minzoom: 14,
        paint: {
          'line-color': [
            'case',
            ['==', ['feature-state', 'picked'], true],
            token('--brand'),
            token('--map-building-edge'),
          ] as never,
          'line-width': 0.8,
        },
      },
      {
        id: 'zone',
        type: 'fill',
        source: 'zones',
        paint: { 'fill-pattern': 'hatch', 'fill-opacity': 0.8 },
      },
      {
        id: 'zone-edge',
        type: 'line',
        source: 'zones',
        paint: { 'line-color': token('--ink-1'), 'line-width': 1.5, 'line-dasharray': [3, 2] },
      },
      {
        id: 'route',
        type: 'line',
        source: 'routes',
        layout: { 'line-cap': 'round', 'line-join': 'round' },
        paint: {
          'line-color': token('--brand'),
          'line-width': 3,
          'line-opacity': ['case', ['get', 'planned'], 0.45, 1] as never,
        },
      },
      {
        id: 'picked',
        type: 'circle',
        source: 'markers',
        filter: ['==', ['get', 'picked'], true],
        paint: {
          'circle-radius': 15,
          'circle-color': token('--brand'),
          'circle-opacity': 0.18,
          'circle-stroke-color': token('--brand'),
          'circle-stroke-width': 2,
        },
      },
      {
        id: 'crowd-many',
        type: 'circle',
        source: 'crowd',
        filter: ['has', 'point_count'],
        paint: {
          'circle-radius': ['interpolate', ['linear'], ['get', 'point_count'], 2, 10, 40, 15] as never,
          'circle-color': token('--surface'),
          'circle-stroke-color': token('--ink-1'),
          'circle-stroke-width': 1.5,
        },
      },
      {
        id: 'crowd-number',
        type: 'symbol',
        source: 'crowd',
        filter: ['has', 'point_count'],
        layout: {
          'text-field': ['get', 'point_count_abbreviated'] as never,
          'text-size': 12,
          'text-allow-overlap': true,
        },
        paint: { 'text-color': token('--ink-1') },
      },
      {
        id: 'crowd',
        type: 'symbol',
        source: 'crowd',
        filter: ['!', ['has', 'point_count']],
        layout: {
          'icon-image': ['get', 'image'] as never,
          'icon-allow-overlap': true,
          'icon-size': 0.8,
          ...labels(['step', ['zoom'], '', 16, ['get', 'label']]),
        },
        paint: halo(),
      },
      {
        id: 'marker',
        type: 'symbol',
        source: 'markers',
        layout: {
          'icon-image': ['get', 'image'] as never,
          'icon-allow-overlap': true,
          'symbol-sort-key': ['-', 0, ['get', 'weight']] as never,
          ...labels(['get', 'label']),
        },
        paint: halo(),
      },
    ],
  };
}

/** A word beside a mark; it gives way where there is no room. */
function labels(text: unknown) {
  return {
    'text-field': text as never,
    'text-size': 12,
    'text-anchor': 'left' as const,
    'text-offset': [0.9, 0] as [number, number],
    'text-max-width': 20,
    'text-optional': true,
  };
}

const halo = () => ({
  'text-color': token('--ink-1'),
  'text-halo-color': token('--surface'),
  'text-halo-width': 1.5,
});

/** Road width by class and zoom; `edge` pixels are added for the outline below. */
function width(edge: number) {
  const main = ['match', ['get', 'kind'], ['motorway', 'trunk', 'primary', 'secondary', 'tertiary'], 2, 1];
  return [
    'interpolate',
    ['exponential', 1.6],
    ['zoom'],
    12,
    ['+', ['*', main, 0.5], edge * 0.4],
    16,
    ['+', ['*', main, 3.5], edge],
    19,
    ['+', ['*', main, 12], edge],
  ] as never;
}
