import type { FeatureCollection } from 'geojson';

/** Ground of the map. Houses carry `place`, roads their OSM class in `kind`. */
export interface BaseMap {
  buildings?: FeatureCollection;
  roads?: FeatureCollection;
  water?: FeatureCollection;
  green?: FeatureCollection;
}

/** Hexagons of the heat map. Values change often, cells seldom. */
export interface Heat {
  /** H3 indexes. */
  cells: readonly string[];
  /** One value per cell; null: too few people, shown hatched. */
  values: readonly (number | null)[];
  /** Value of the darkest color; left out: the largest value. */
  max?: number;
  /** Hot spots at 95 %: outlined, because color is taken by the value. */
  hot?: readonly boolean[];
}

export interface Marker {
  id: string;
  lng: number;
  lat: number;
  kind: 'alarm' | 'order' | 'worker' | 'facility' | 'home';
  /** 1 to 5, with kind alarm, or an order that is late. */
  severity?: number;
  /** Written beside the mark where there is room for it; of a crowd only from near by. */
  label?: string;
  /** One of many: far away they stand back into one mark with their number. */
  crowd?: boolean;
}

/** A circle on the ground: a way that is closed, or is about to be. */
export interface Zone {
  id: string;
  lng: number;
  lat: number;
  radius_m: number;
}

export interface Route {
  id: string;
  /** Longitude and latitude, in order. */
  path: readonly [number, number][];
  planned?: boolean;
}

export interface MapProps {
  label: string;
  /** Left out: the neighborhood's own map from the register. */
  base?: BaseMap;
  heat?: Heat;
  markers?: readonly Marker[];
  routes?: readonly Route[];
  zones?: readonly Zone[];
  /** What to show at first: west, south, east, north. Left out: all that is on the map. */
  bounds?: readonly [number, number, number, number];
  /** Id of a marker or place of a building. */
  selected?: string;
  onPick?: (what: { kind: 'cell' | 'marker' | 'building'; id: string }) => void;
  /** While it is there, a press chooses a point of the map and nothing else. */
  onPoint?: (at: { lng: number; lat: number }) => void;
  /** Printed at the corner when the data asks for it, e.g. © OpenStreetMap. */
  attribution?: string;
}
