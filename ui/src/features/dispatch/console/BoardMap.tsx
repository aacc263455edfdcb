// Where everybody and everything is. A mark chooses its order or its worker; list and lanes hold the same to the keyboard.
import { Button } from 'antd';
import { useMemo, useState } from 'react';
import { useScope } from '@/api/scope';
import { useMinute } from '@/design/clock';
import { MapPanel } from '@/design/console';
import { AsOf, LevelGlyph } from '@/design/core';
import { type Board, type Order, type Spot, useWaiting, type Why, type WorkerDay } from '../api';
import { candidateRoutes, dayRoute, markersOf } from '../board';
import { type Closure, useRoads, zonesOf } from '../roads';
import { useText } from '../text';
import css from './dispatch.module.css';
import { CloseRoad, Roads } from './Roads';
import type { Search } from './search';
import { useBoardNames } from './useBoardNames';

const none: Order[] = [];
const open: Closure[] = [];
/** Meters around a spot that are closed unless somebody says otherwise. */
const usual = 50;

export function BoardMap({
  board,
  search,
  patch,
  there,
  why,
  at,
}: {
  board: Board;
  search: Search;
  patch: (p: Partial<Search>) => void;
  there: ReadonlySet<string>;
  /** Candidates of the chosen order, for the lines to it. */
  why?: Why;
  /** Where the chosen order is. */
  at?: Spot;
}) {
  const t = useText();
  const waiting = useWaiting().data ?? none;
  const minute = useMinute();
  const scope = useScope();
  const { plate } = useBoardNames();
  const spoken = useMemo(() => spokenOf(search, why), [search, why]);
  const markers = useMemo(
    () =>
      markersOf(
        board.lanes.filter((l) => l.place.startsWith(scope)),
        waiting,
        there,
        minute,
        spoken,
        plate,
      ),
    [board, scope, waiting, there, minute, spoken, plate],
  );
  const closed = useRoads().data ?? open;
  const [pointing, setPointing] = useState(false);
  const [spot, setSpot] = useState<Spot>();
  const [radius, setRadius] = useState(usual);
  const zones = useMemo(() => zonesOf(closed, spot && { ...spot, radius_m: radius }), [closed, spot, radius]);
  const worker = board.lanes.find((l) => l.worker === search.worker);
  const routes = useMemo(() => {
    const lanes = spoken
      .map((id) => board.lanes.find((l) => l.worker === id))
      .filter((l): l is WorkerDay => l !== undefined);
    const offered = why && !why.assigned?.worker && !search.worker;
    return offered ? candidateRoutes(lanes, at) : lanes.slice(0, 1).flatMap(dayRoute);
  }, [board, search.worker, spoken, why, at]);
  return (
    <section className={css.map} aria-label={t.map}>
      <MapPanel
        label={t.mapLabel}
        markers={markers}
        routes={routes}
        zones={zones}
        onPoint={
          pointing
            ? (at) => {
                setPointing(false);
                setSpot(at);
              }
            : undefined
        }
        selected={search.sel ? `o:${search.sel}` : worker ? `w:${worker.worker}` : undefined}
        onPick={(p) => {
          if (p.kind !== 'marker') return;
          const id = p.id.slice(2);
          if (p.id.startsWith('o:')) patch({ sel: id, worker: undefined });
          else patch({ worker: id === search.worker ? undefined : id, sel: undefined });
        }}
        legend={
          <div className={css.marks}>
            {(['worker', 'waiting', 'planned'] as const).map((k) =>
              k === 'planned' && spoken.length === 0 ? null : (
                <span key={k}>
                  <i data-mark={k} />
                  {t.legend[k]}
                </span>
              ),
            )}
            {zones.length > 0 ? (
              <span>
                <i data-mark="closed" />
                {t.legend.closed}
              </span>
            ) : null}
            <span>
              <LevelGlyph severity={4} size={12} />
              {t.legend.late}
            </span>
            <AsOf at={board.as_of} />
          </div>
        }
      />
      {worker ? null : <Roads closed={closed} pointing={pointing} onPointing={setPointing} />}
      {spot ? (
        <CloseRoad at={spot} radius={radius} onRadius={setRadius} onClose={() => setSpot(undefined)} />
      ) : null}
      {worker ? (
        <div className={css.chip}>
          <span>{t.day(worker.name)}</span>
          <Button size="small" type="text" onClick={() => patch({ worker: undefined })}>
            {t.clear}
          </Button>
        </div>
      ) : null}
    </section>
  );
}

/** Workers the page speaks of: the chosen one, or who has or could take the chosen order. */
function spokenOf(search: Search, why: Why | undefined): string[] {
  if (search.worker) return [search.worker];
  if (!search.sel || why?.order !== search.sel) return [];
  if (why.assigned?.worker) return [why.assigned.worker];
  return why.options.slice(0, 3).map((o) => o.worker);
}
