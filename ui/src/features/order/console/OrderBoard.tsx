// Orders by state, the most pressing on top of each column. Cards are buttons: Tab moves, Enter opens the panel.
import { Link } from '@tanstack/react-router';
import { useScope } from '@/api/scope';
import { Failed, PersonName } from '@/design/core';
import { count } from '@/design/format';
import { type Order, type State, useBoard, useOrders } from '../api';
import { useText as useWords } from '../text';
import { nameOf } from '../words';
import { Class, Left } from './Marks';
import css from './order.module.css';
import { Plate } from './Plate';
import { filterOf, type Search } from './search';
import { useText } from './text';

/** The columns in the order of an order's life; each gathers the states a desk treats alike. */
const columns = [
  { key: 'nobody', states: ['open', 'waiting'] },
  { key: 'assigned', states: ['assigned'] },
  { key: 'accepted', states: ['accepted'] },
  { key: 'serving', states: ['en_route', 'arrived'] },
  { key: 'paused', states: ['paused'] },
  { key: 'after', states: ['finished', 'confirmed', 'rated'] },
] as const satisfies { key: string; states: readonly State[] }[];

const deep = 20;

export function OrderBoard({ search, onSelect }: { search: Search; onSelect: (id: string) => void }) {
  const t = useText();
  return (
    <div className={css.board}>
      {columns.map((c) => (
        <Column key={c.key} title={t.columns[c.key]} states={c.states} search={search} onSelect={onSelect} />
      ))}
    </div>
  );
}

function Column({
  title,
  states,
  search: s,
  onSelect,
}: {
  title: string;
  states: readonly State[];
  search: Search;
  onSelect: (id: string) => void;
}) {
  const t = useText();
  const wanted = s.state ? states.filter((x) => s.state?.includes(x)) : states;
  const filtered = Boolean(s.item || s.sla || s.q || s.broken || s.place || s.worker || s.state);
  const scope = useScope();
  const q = useOrders({ ...filterOf(s, scope), state: wanted.length > 0 ? wanted : states, limit: deep });
  const board = useBoard(scope).data;
  const rows = wanted.length > 0 ? (q.items ?? []) : [];
  const all = filtered || !board ? rows.length : wanted.reduce((n, x) => n + (board.running[x] ?? 0), 0);
  return (
    <section className={css.column} aria-label={title}>
      <header>
        <h2>{title}</h2>
        <b>{q.items ? count(all) : ''}</b>
      </header>
      {q.error ? <Failed error={q.error} retry={q.refetch} inline /> : null}
      {q.items && rows.length === 0 ? <p className={css.none}>{t.nothing}</p> : null}
      {rows.map((o) => (
        <Card key={o.id} order={o} selected={o.id === s.sel} onPress={() => onSelect(o.id)} />
      ))}
      {q.hasNextPage ? (
        <Link
          to="/orders"
          search={{ ...s, view: undefined, state: [...wanted] } as never}
          className={css.columnMore}
        >
          {all > rows.length ? t.more(count(all - rows.length)) : t.table}
        </Link>
      ) : null}
    </section>
  );
}

function Card({ order: o, selected, onPress }: { order: Order; selected: boolean; onPress: () => void }) {
  const w = useWords();
  return (
    <button type="button" className={css.orderCard} aria-pressed={selected} onClick={onPress}>
      <span className={css.cardTop}>
        <Left order={o} />
        <Class sla={o.sla} quiet />
      </span>
      <Plate order={o} />
      <span className={css.cardWhat}>{nameOf(o)}</span>
      <span className={css.cardWho}>
        {o.name ? <PersonName name={o.name} /> : null}
        <span>{o.worker?.name ?? (o.state === 'waiting' || o.state === 'open' ? w.state[o.state] : '')}</span>
      </span>
    </button>
  );
}
