// Where everybody and everything is. A mark chooses its order or its worker; list and lanes hold the same to the keyboard.
import { Button } from 'antd';
import { useMemo } from 'react';
import { useScope } from '@/api/scope';
import { useNow } from '@/design/clock';
import { MapPanel } from '@/design/console';
import { AsOf, LevelGlyph } from '@/design/core';
import { type Board, type Order, useWaiting, type Why } from '../api';
import { candidateRoutes, dayRoute, markersOf } from '../board';
import { useText } from '../text';
import css from './dispatch.module.css';
import type { Search } from './index';

const none: Order[] = [];

export function BoardMap({
  board,
  search,
  patch,
  why,
  at,
}: {
  board: Board;
  search: Search;
  patch: (p: Partial<Search>) => void;
  /** Candidates of the chosen order, for the lines to it. */
  why?: Why;
  /** Where the chosen order is. */
  at?: { lng: number; lat: number };
}) {
  const t = useText();
  const waiting = useWaiting().data ?? none;
  const now = Math.floor(useNow() / 60_000) * 60_000; // marks need not be drawn every second
  const scope = useScope();
  const markers = useMemo(
    () =>
      markersOf(
        board.lanes.filter((l) => l.place.startsWith(scope)),
        waiting,
        now,
      ),
    [board, scope, waiting, now],
  );
  const lane = (id: string | undefined) => board.lanes.find((l) => l.worker === id);
  const worker = lane(search.worker);
  const routes = useMemo(() => {
    const of = (id: string | undefined) => board.lanes.find((l) => l.worker === id);
    if (why && !why.assigned?.worker && !search.worker) {
      return candidateRoutes(
        why.options.slice(0, 3).map((o) => of(o.worker)),
        at,
      );
    }
    const l = of(search.worker ?? why?.assigned?.worker);
    return l ? dayRoute(l) : [];
  }, [board, search.worker, why, at]);
  return (
    <section className={css.map} aria-label={t.map}>
      <MapPanel
        label={t.mapLabel}
        markers={markers}
        routes={routes}
        selected={search.sel ? `o:${search.sel}` : worker ? `w:${worker.worker}` : undefined}
        onPick={(p) => {
          if (p.kind !== 'marker') return;
          const id = p.id.slice(2);
          if (p.id.startsWith('o:')) patch({ sel: id, worker: undefined });
          else patch({ worker: id === search.worker ? undefined : id, sel: undefined });
        }}
        legend={
          <div className={css.marks}>
            {(['worker', 'waiting', 'planned'] as const).map((k) => (
              <span key={k}>
                <i data-mark={k} />
                {t.legend[k]}
              </span>
            ))}
            <span>
              <LevelGlyph severity={4} size={12} />
              {t.legend.late}
            </span>
            <AsOf at={board.as_of} />
          </div>
        }
      />
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
