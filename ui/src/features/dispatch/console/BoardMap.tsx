// Where everybody and everything is. A mark chooses its order or its worker; list and lanes hold the same to the keyboard.
import { Button } from 'antd';
import { useEffect, useMemo } from 'react';
import { useMay } from '@/api/me';
import { useScope } from '@/api/scope';
import { useMinute } from '@/design/clock';
import { MapPanel, useActWords } from '@/design/console';
import { AsOf, LevelGlyph } from '@/design/core';
import { moment } from '@/design/format';
import {
  type Board,
  type Order,
  type Spot,
  useClosures,
  useReopen,
  useWaiting,
  type Why,
  type WorkerDay,
} from '../api';
import { candidateRoutes, dayRoute, markersOf } from '../board';
import { useText } from '../text';
import css from './dispatch.module.css';
import type { Search } from './index';
import { useBoardNames } from './useBoardNames';

const none: Order[] = [];

export function BoardMap({
  board,
  search,
  patch,
  there,
  why,
  at,
  picking,
  onPick,
  onRoad,
  onGiveUp,
}: {
  board: Board;
  search: Search;
  patch: (p: Partial<Search>) => void;
  there: ReadonlySet<string>;
  /** Candidates of the chosen order, for the lines to it. */
  why?: Why;
  /** Where the chosen order is. */
  at?: Spot;
  /** A place is being chosen; the next press is it. */
  picking: boolean;
  onPick: (at: Spot) => void;
  onRoad: () => void;
  onGiveUp: () => void;
}) {
  const t = useText();
  const may = useMay();
  const waiting = useWaiting().data ?? none;
  const minute = useMinute();
  const scope = useScope();
  const { plate } = useBoardNames();
  const closures = useClosures().data;
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
  const worker = board.lanes.find((l) => l.worker === search.worker);
  const routes = useMemo(() => {
    const lanes = spoken
      .map((id) => board.lanes.find((l) => l.worker === id))
      .filter((l): l is WorkerDay => l !== undefined);
    const offered = why && !why.assigned?.worker && !search.worker;
    return offered ? candidateRoutes(lanes, at) : lanes.slice(0, 1).flatMap(dayRoute);
  }, [board, search.worker, spoken, why, at]);
  const zones = useMemo(() => closures?.map((c) => ({ id: c.id, ...c.road })) ?? [], [closures]);
  useEffect(() => {
    if (!picking) return;
    const onKey = (e: KeyboardEvent) => e.key === 'Escape' && onGiveUp();
    addEventListener('keydown', onKey);
    return () => removeEventListener('keydown', onKey);
  }, [picking, onGiveUp]);
  return (
    <section className={css.map} aria-label={t.map}>
      <MapPanel
        label={t.mapLabel}
        markers={markers}
        routes={routes}
        zones={zones}
        selected={search.sel ? `o:${search.sel}` : worker ? `w:${worker.worker}` : undefined}
        onPoint={picking ? onPick : undefined}
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
            <span>
              <LevelGlyph severity={4} size={12} />
              {t.legend.late}
            </span>
            <AsOf at={board.as_of} />
          </div>
        }
      />
      <div className={css.chips}>
        {picking ? (
          <Chip words={t.act.roadPick} act={t.act.roadCancel} onAct={onGiveUp} />
        ) : worker ? (
          <Chip words={t.day(worker.name)} act={t.clear} onAct={() => patch({ worker: undefined })} />
        ) : null}
        {closures?.map((c) => (
          <Closed
            key={c.id}
            id={c.id}
            words={t.act.roadLine(c.reason ?? t.legend.road, moment(c.to, minute))}
          />
        ))}
        {may('dispatch.assign') && !picking ? (
          <Button size="small" className={css.roadAct} onClick={onRoad}>
            {t.act.road}
          </Button>
        ) : null}
      </div>
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

function Chip({
  words,
  act,
  onAct,
  busy,
}: {
  words: string;
  act: string;
  onAct: () => void;
  busy?: boolean;
}) {
  return (
    <div className={css.chip}>
      <span>{words}</span>
      <Button size="small" type="text" loading={busy} onClick={onAct}>
        {act}
      </Button>
    </div>
  );
}

function Closed({ id, words }: { id: string; words: string }) {
  const t = useText();
  const { done, failed } = useActWords();
  const open = useReopen();
  return (
    <Chip
      words={words}
      act={t.act.roadOpen}
      busy={open.isPending}
      onAct={() => open.mutate(id, { onSuccess: () => done(t.act.roadOpened), onError: failed })}
    />
  );
}
