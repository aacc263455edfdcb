// The day of each worker. Drawn anew when the board, the minute or the choice changes, never by the second.
import { replaceEqualDeep } from '@tanstack/react-query';
import { Button } from 'antd';
import { type PointerEvent, useCallback, useMemo, useRef, useState } from 'react';
import { useMay } from '@/api/me';
import { useScope } from '@/api/scope';
import { useMinute } from '@/design/clock';
import { type Dragged, FilterBar, type Lane, WorkerLanes } from '@/design/console';
import { StatePanel } from '@/design/core';
import { minuteOfDay } from '@/design/format';
import type { Board, WorkerDay } from '../api';
import { dayOf, fits, lanesOf, rostered } from '../board';
import { useText } from '../text';
import type { Doing } from './acts';
import css from './dispatch.module.css';
import { LaneMenu, type MenuAct, type MenuAt } from './LaneMenu';
import type { Search } from './search';
import type { BoardNames } from './useBoardNames';

type Grab = (e: PointerEvent<HTMLElement>, what: Dragged) => void;

export function DayLanes({
  board,
  search,
  patch,
  there,
  words,
  front,
  over,
  onGrab,
  onGive,
  onAct,
}: {
  board: Board;
  search: Search;
  patch: (p: Partial<Search>) => void;
  /** Orders that are being served now. */
  there: ReadonlySet<string>;
  words: BoardNames;
  /** Workers to show first and to mark. */
  front: readonly string[];
  /** Lane something is dragged over. */
  over?: string;
  onGrab: Grab;
  onGive: (order: string) => void;
  onAct: (d: Doing) => void;
}) {
  const t = useText();
  const may = useMay();
  const scope = useScope();
  const minute = useMinute();
  const [menu, setMenu] = useState<MenuAt>();
  const ahead = Number(search.day ?? 0);
  const { start } = dayOf(minute, ahead);
  const assign = may('dispatch.assign');
  const days = useMemo(() => {
    const mine = board.lanes.filter((l) => l.place.startsWith(scope));
    const all = search.who === 'all' ? mine : mine.filter(rostered);
    const found = all.filter((l) =>
      fits(l, search.q ?? '', words.org(l.org ?? ''), l.skills.map((k) => words.skill(k.code)).join(' ')),
    );
    // Whoever the page speaks of stands first: the worker of the map, the candidates, who has the order.
    const rank = (l: WorkerDay) => {
      const at = front.indexOf(l.worker);
      return at < 0 ? front.length : at;
    };
    return found.sort((a, b) => rank(a) - rank(b));
  }, [board, scope, search.who, search.q, front, words]);
  // What has not changed stays the same object, so that only lanes that changed are drawn anew.
  const before = useRef<Lane[]>([]);
  const lanes = useMemo(() => {
    const next = lanesOf(days, there, minute, words, start).map((l) => ({
      ...l,
      marked: front.includes(l.id),
    }));
    const kept = new Map(before.current.map((l) => [l.id, l]));
    before.current = next.map((l) => replaceEqualDeep(kept.get(l.id), l));
    return before.current;
  }, [days, there, minute, words, start, front]);

  const select = useCallback(
    (b: { id: string }) => patch({ sel: b.id === search.sel ? undefined : b.id, worker: undefined }),
    [patch, search.sel],
  );
  const give = useCallback((b: { id: string; done?: boolean }) => !b.done && onGive(b.id), [onGive]);
  const openMenu = useCallback(
    (l: Lane, node: HTMLElement) => setMenu({ worker: l.id, name: l.name, node }),
    [],
  );
  const closeMenu = useCallback(() => setMenu(undefined), []);
  const acts = (id: string): MenuAct[] => {
    const worker = board.lanes.find((l) => l.worker === id);
    if (!worker) return [];
    const shown = search.worker === id;
    return [
      {
        label: shown ? t.act.hideDay : t.act.showDay,
        run: () => patch({ worker: shown ? undefined : id, sel: undefined, map: undefined }),
      },
      ...(assign && ahead === 0
        ? [
            { label: t.act.noShow, run: () => onAct({ kind: 'no-show', worker }) },
            { label: t.act.absent, run: () => onAct({ kind: 'absent', worker }) },
          ]
        : []),
    ];
  };
  return (
    <section className={css.lanes} aria-label={t.lanes}>
      <FilterBar<Search>
        filters={[
          {
            kind: 'tabs',
            key: 'day',
            label: t.dayLabel,
            options: t.days.map((label, i) => ({ value: i === 0 ? '' : String(i), label })),
          },
          {
            kind: 'tabs',
            key: 'who',
            label: t.whoLabel,
            options: [
              { value: '', label: t.who.on },
              { value: 'all', label: t.who.all },
            ],
          },
          { kind: 'search', key: 'q', label: t.find, width: 184 },
        ]}
        value={search}
        onChange={patch}
      >
        {board.approx ? <small className={css.quiet}>{t.approx}</small> : null}
        {assign && ahead === 0 ? (
          <Button onClick={() => onAct({ kind: 'replan' })}>{t.act.replan}</Button>
        ) : null}
      </FilterBar>
      {lanes.length === 0 ? (
        <StatePanel state="empty" title={search.q ? t.noMatch : t.noLanes} />
      ) : (
        <div className={css.laneBox}>
          <WorkerLanes
            key={ahead}
            lanes={lanes}
            label={assign ? `${t.lanes}${t.comma}${t.giveKey}` : t.lanes}
            now={ahead === 0 ? minuteOfDay(minute) : -1}
            selected={search.sel}
            onSelect={select}
            onGive={assign ? give : undefined}
            onWorker={openMenu}
            onGrab={assign ? onGrab : undefined}
            over={over}
          />
        </div>
      )}
      {menu ? <LaneMenu at={menu} acts={acts(menu.worker)} onClose={closeMenu} /> : null}
    </section>
  );
}
