// The day of each worker, with what is asked of it by dragging: the price before the drop, the first failed gate otherwise.
import { useQueryClient } from '@tanstack/react-query';
import { App } from 'antd';
import { useMemo, useState } from 'react';
import { useMay } from '@/api/me';
import { useScope } from '@/api/scope';
import { useNow } from '@/design/clock';
import { FilterBar, useActWords, WorkerLanes } from '@/design/console';
import { StatePanel } from '@/design/core';
import { minuteOfDay } from '@/design/format';
import { type Board, keys, type Option, type Order, readWhy, useRunning, type WorkerDay } from '../api';
import { dayOf, fits, lanesOf, rostered } from '../board';
import { useText } from '../text';
import { gateWords, priceLine } from '../words';
import css from './dispatch.module.css';
import type { Search } from './index';
import { type BoardNames, workerNames } from './useBoardNames';

export function DayLanes({
  board,
  search,
  patch,
  onMove,
  words,
  front,
}: {
  board: Board;
  search: Search;
  patch: (p: Partial<Search>) => void;
  onMove: (o: Order, to?: Option) => void;
  words: BoardNames;
  /** Workers to show first and to mark. */
  front: readonly string[];
}) {
  const t = useText();
  const client = useQueryClient();
  const { message } = App.useApp();
  const { failed } = useActWords();
  const may = useMay();
  const now = useNow();
  const scope = useScope();
  const running = useRunning().data;
  const ahead = Number(search.day ?? 0);
  const { start } = dayOf(now, ahead);
  const [price, setPrice] = useState('');
  // Late is told by the minute; the lanes need not be laid out every second.
  const minute = Math.floor(now / 60_000) * 60_000;
  const orders = useMemo(() => new Map(running?.map((o) => [o.id, o])), [running]);
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
  const lanes = useMemo(
    () =>
      lanesOf({ ...board, lanes: days }, orders, minute, words, start).map((l) => ({
        ...l,
        marked: front.includes(l.id),
      })),
    [board, days, orders, minute, words, start, front],
  );

  /** What it would cost to give an order to the worker of another lane. */
  const ask = async (order: string, worker: string) => {
    const why = await client.fetchQuery({
      queryKey: keys.why(order),
      queryFn: () => readWhy(order),
      staleTime: 15_000,
    });
    const option = why.options.find((o) => o.worker === worker);
    const refused = why.others.find((o) => o.worker === worker);
    const known = workerNames(words.skill, board, why);
    return {
      option,
      words: option ? priceLine(option, t, now) : refused ? gateWords(refused, known, t) : t.nobody,
    };
  };
  const drop = async (order: string, from: string, to: string) => {
    if (from === to) return void message.info(t.onlyWho);
    try {
      const { option, words: why } = await ask(order, to);
      const o = orders.get(order);
      if (!option) void message.warning(why, 6);
      else if (o) onMove(o, option);
    } catch (err) {
      failed(err);
    }
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
          { kind: 'search', key: 'q', label: t.find },
        ]}
        value={search}
        onChange={patch}
      >
        {board.approx ? <small className={css.quiet}>{t.approx}</small> : null}
      </FilterBar>
      {lanes.length === 0 ? (
        <StatePanel state="empty" title={search.q ? t.noMatch : t.noLanes} />
      ) : (
        <WorkerLanes
          key={ahead}
          lanes={lanes}
          now={ahead === 0 ? minuteOfDay(now) : -1}
          selected={search.sel}
          onSelect={(b) => patch({ sel: b.id === search.sel ? undefined : b.id, worker: undefined })}
          onPreview={(m) => {
            setPrice('');
            if (m.from.id !== m.to.id)
              ask(m.block.id, m.to.id).then(
                (a) => setPrice(a.words),
                () => setPrice(''),
              );
          }}
          onMove={may('dispatch.assign') ? (m) => void drop(m.block.id, m.from.id, m.to.id) : undefined}
          price={price}
        />
      )}
    </section>
  );
}
