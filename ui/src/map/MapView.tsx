// The map itself. Arrow keys pan, + and - zoom; the list beside it offers the same rows to the keyboard.
import 'maplibre-gl/dist/maplibre-gl.css';
import type { FeatureCollection, Geometry } from 'geojson';
import {
  type GeoJSONSource,
  LngLatBounds,
  Map as Maplibre,
  NavigationControl,
  setWorkerUrl,
} from 'maplibre-gl';
import workerUrl from 'maplibre-gl/dist/maplibre-gl-worker.mjs?url';
import { useEffect, useRef, useState } from 'react';
import { StatePanel } from '@/design/core';
import { useBase as useWords } from '@/i18n/base';
import { extent, useOwnBase } from './base';
import { type CellState, cellPolygons, cellState, changed } from './cells';
import { imageOf, markerImages } from './images';
import css from './map.module.css';
import type { BaseMap, Heat, MapProps, Marker } from './spec';
import { mapStyle } from './style';
import { zonePolygons } from './zones';

setWorkerUrl(workerUrl);

export default function MapView(p: MapProps) {
  const t = useWords();
  const box = useRef<HTMLDivElement>(null);
  const [map, setMap] = useState<Maplibre>();
  const [failed, setFailed] = useState(false);
  const pick = useRef(p.onPick);
  pick.current = p.onPick;
  const point = useRef(p.onPoint);
  point.current = p.onPoint;
  const fitted = useRef(false);

  useEffect(() => {
    if (!box.current) return;
    let m: Maplibre;
    try {
      m = new Maplibre({
        container: box.current,
        style: mapStyle(),
        center: [121.49, 31.236],
        zoom: 14,
        maxZoom: 20,
        attributionControl: false,
        dragRotate: false,
        pitchWithRotate: false,
        localIdeographFontFamily: 'sans-serif',
        fadeDuration: 0,
      });
    } catch {
      setFailed(true); // no WebGL: the list stays
      return;
    }
    m.touchZoomRotate.disableRotation();
    m.addControl(new NavigationControl({ showCompass: false }), 'top-right');
    for (const img of markerImages()) m.addImage(img.name, img.data, { pixelRatio: 2 });
    m.on('load', () => setMap(m));
    const drawn = (v: boolean) => () => box.current?.setAttribute('data-drawn', String(v));
    m.on('dataloading', drawn(false)); // what waits for the picture reads this
    m.on('idle', drawn(true));
    m.on('click', (e) => {
      if (point.current) return point.current({ lng: e.lngLat.lng, lat: e.lngLat.lat });
      const [hit] = m.queryRenderedFeatures(e.point, { layers: [...marks, 'heat', 'building'] });
      if (!hit) return;
      if (hit.layer.id === 'crowd-many') void open(m, hit.properties.cluster_id as number, hit.geometry);
      else if (marks.includes(hit.layer.id))
        pick.current?.({ kind: 'marker', id: String(hit.properties.id) });
      else if (hit.layer.id === 'heat') pick.current?.({ kind: 'cell', id: String(hit.id) });
      else pick.current?.({ kind: 'building', id: String(hit.id) });
    });
    m.getCanvas().addEventListener('keydown', (e) => {
      if (e.key !== 'Enter' || !point.current) return;
      const { lng, lat } = m.getCenter(); // arrow keys have brought it there
      point.current({ lng, lat });
    });
    m.on('mousemove', (e) => {
      const over =
        pick.current && m.queryRenderedFeatures(e.point, { layers: [...marks, 'heat'] }).length > 0;
      m.getCanvas().style.cursor = point.current ? 'crosshair' : over ? 'pointer' : '';
    });
    return () => {
      setMap(undefined);
      m.remove(); // contexts are few: give this one back
    };
  }, []);

  const own = useOwnBase(p.base === undefined);
  const base = p.base ?? own.base;
  const attribution = p.attribution ?? own.attribution;
  useBase(map, base);
  useHeat(map, p.heat);
  useMarkers(map, p.markers, p.selected);
  useEffect(() => {
    source(map, 'routes')?.setData({
      type: 'FeatureCollection',
      features: (p.routes ?? []).map((r) => ({
        type: 'Feature',
        properties: { id: r.id, planned: r.planned ?? false },
        geometry: { type: 'LineString', coordinates: r.path as [number, number][] },
      })),
    });
  }, [map, p.routes]);
  useEffect(() => {
    source(map, 'zones')?.setData(zonePolygons(p.zones ?? []));
  }, [map, p.zones]);

  // The camera moves once by itself; afterwards only the person moves it.
  useEffect(() => {
    if (!map || fitted.current) return;
    const bounds = p.bounds
      ? new LngLatBounds([p.bounds[0], p.bounds[1]], [p.bounds[2], p.bounds[3]])
      : boundsOf(p, base?.buildings);
    if (!bounds || bounds.isEmpty()) return;
    fitted.current = true;
    map.fitBounds(bounds, { padding: 40, maxZoom: 16.5, animate: false });
  }, [map, p, base?.buildings]);

  return (
    <div className={css.box}>
      {failed ? <StatePanel state="error" title={t.mapFailed} /> : null}
      <div
        ref={box}
        className={css.canvas}
        data-drawn="false"
        role="application"
        aria-label={p.label}
        hidden={failed}
      />
      {attribution ? <small className={css.attribution}>{attribution}</small> : null}
    </div>
  );
}

/** Layers whose marks can be pressed. */
const marks = ['marker', 'crowd', 'crowd-many'];

/** Goes as near as it takes for a crowd to come apart. */
async function open(map: Maplibre, cluster: number, at: Geometry): Promise<void> {
  const crowd = source(map, 'crowd');
  if (!crowd || at.type !== 'Point') return;
  const zoom = await crowd.getClusterExpansionZoom(cluster);
  map.easeTo({ center: at.coordinates as [number, number], zoom: zoom + 0.2, duration: 200 });
}

const source = (map: Maplibre | undefined, id: string) => map?.getSource(id) as GeoJSONSource | undefined;

function useBase(map: Maplibre | undefined, base: BaseMap | undefined): void {
  const { buildings, roads, water, green } = base ?? {};
  useEffect(() => set(map, 'buildings', buildings), [map, buildings]);
  useEffect(() => set(map, 'roads', roads), [map, roads]);
  useEffect(() => set(map, 'water', water), [map, water]);
  useEffect(() => set(map, 'green', green), [map, green]);
}

function set(map: Maplibre | undefined, id: string, data: FeatureCollection | undefined): void {
  if (data) source(map, id)?.setData(data);
}

/** Cells are drawn once per list; after that only changed values are written. */
function useHeat(map: Maplibre | undefined, heat: Heat | undefined): void {
  const drawn = useRef<{ cells?: readonly string[]; states: CellState[] }>({ states: [] });
  useEffect(() => {
    if (!map) {
      drawn.current = { states: [] };
      return;
    }
    const cells = heat?.cells ?? [];
    if (drawn.current.cells !== cells) {
      map.removeFeatureState({ source: 'heat' });
      source(map, 'heat')?.setData(cellPolygons(cells));
      drawn.current = { cells, states: [] };
    }
    const values = heat?.values ?? [];
    const max = heat?.max ?? Math.max(0, ...values.map((v) => v ?? 0));
    const states = cells.map((_, i) => cellState(values[i], max, heat?.hot?.[i]));
    for (const id of changed(drawn.current.states, states)) {
      map.setFeatureState({ source: 'heat', id }, { ...states[id] });
    }
    drawn.current.states = states;
    // Houses cover the heat of dense quarters: over it they are drawn by their outlines.
    map.setPaintProperty('building', 'fill-opacity', cells.length > 0 ? 0.25 : 0.72);
  }, [map, heat]);
}

function useMarkers(
  map: Maplibre | undefined,
  markers: readonly Marker[] | undefined,
  selected?: string,
): void {
  useEffect(() => {
    const features = (markers ?? []).map((m) => ({
      type: 'Feature' as const,
      properties: {
        id: m.id,
        image: imageOf(m),
        weight: m.severity ?? 0,
        picked: m.id === selected,
        label: m.label ?? '',
        crowd: m.crowd === true && m.id !== selected,
      },
      geometry: { type: 'Point' as const, coordinates: [m.lng, m.lat] },
    }));
    for (const [id, crowd] of [
      ['markers', false],
      ['crowd', true],
    ] as const)
      source(map, id)?.setData({
        type: 'FeatureCollection',
        features: features.filter((f) => f.properties.crowd === crowd),
      });
  }, [map, markers, selected]);
  useEffect(() => {
    if (!map || !selected) return;
    map.setFeatureState({ source: 'buildings', id: selected }, { picked: true });
    return () => {
      if (map.getSource('buildings'))
        map.setFeatureState({ source: 'buildings', id: selected }, { picked: false });
    };
  }, [map, selected]);
}

/** Around what work there is; without any, around the houses. */
function boundsOf(p: MapProps, houses: FeatureCollection | undefined): LngLatBounds | undefined {
  const b = new LngLatBounds();
  for (const m of p.markers ?? []) b.extend([m.lng, m.lat]);
  for (const r of p.routes ?? []) for (const at of r.path) b.extend(at);
  const ground = p.heat?.cells.length ? cellPolygons(p.heat.cells) : b.isEmpty() ? houses : undefined;
  const box = ground ? extent(ground) : undefined;
  if (box) b.extend([box[0], box[1]]).extend([box[2], box[3]]);
  return b.isEmpty() ? undefined : b;
}
