// Orders as a table or a board, by time left. Filters, view and chosen row stand in the URL; ↑↓ move, Enter opens the page.
import { useNavigate, useSearch } from '@tanstack/react-router';
import { Segmented } from 'antd';
import { useCatalogNames } from '@/api/names';
import { useScope } from '@/api/scope';
import { useNow } from '@/design/clock';
import { type Column, FilterBar, Page, Panel, useSearchPatch, WorkList } from '@/design/console';
import { Loaded, PersonName } from '@/design/core';
import { span } from '@/design/format';
import { type Order, type State, states, useBoard, useOrders } from '../api';
import { useText as useWords } from '../text';
import { nameOf } from '../words';
import { Class, Left } from './Marks';
import { OrderBoard } from './OrderBoard';
import { OrderPanel } from './OrderPanel';
import { Plate } from './Plate';
import { filterOf, pressing, type Search } from './search';
import { useText } from './text';

export function OrdersPage() {
  const t = useText();
  const w = useWords();
  const s = useSearch({ strict: false }) as Search;
  const patch = useSearchPatch<Search>();
  const names = useCatalogNames();
  const board = useBoard(useScope()).data;
  const running = board ? Object.values(board.running).reduce((a, b) => a + b, 0) : undefined;
  const stateNames = s.show === 'done' ? states.slice(-3) : states.slice(0, -3);
  return (
    <Page
      title={t.title}
      note={board?.weather ? t.weather : undefined}
      side={s.sel ? <OrderPanel id={s.sel} onClose={() => patch({ sel: undefined })} /> : undefined}
    >
      <FilterBar<Search>
        filters={[
          {
            kind: 'tabs',
            key: 'show',
            label: t.show,
            options: [
              { value: '', label: t.running, count: running },
              { value: 'late', label: t.pressing, count: board ? board.late + board.soon : undefined },
              { value: 'done', label: t.done },
            ],
          },
          {
            kind: 'select',
            key: 'state',
            label: t.stateFilter,
            many: true,
            width: 144,
            options: stateNames.map((x: State) => ({ value: x, label: w.state[x] })),
          },
          {
            kind: 'select',
            key: 'item',
            label: t.itemFilter,
            width: 152,
            options: names.items.map((i) => ({ value: i.code, label: nameOf(i) })),
          },
          {
            kind: 'select',
            key: 'sla',
            label: t.slaFilter,
            width: 124,
            options: (['P1', 'P2', 'P3', 'P4'] as const).map((x) => ({ value: x, label: w.sla[x] })),
          },
          {
            kind: 'select',
            key: 'broken',
            label: t.broken,
            width: 124,
            options: [{ value: '1', label: t.brokenOnly }],
          },
          { kind: 'search', key: 'q', label: t.searchHint, width: 168 },
        ]}
        value={s}
        onChange={(p) => patch('show' in p ? { ...p, state: undefined } : p)}
      >
        <Segmented
          aria-label={t.view}
          value={s.view ?? 'table'}
          onChange={(v) => patch({ view: v === 'board' ? 'board' : undefined })}
          options={[
            { value: 'table', label: t.table },
            { value: 'board', label: t.board },
          ]}
        />
      </FilterBar>
      {s.view === 'board' ? (
        <OrderBoard search={s} onSelect={(id) => patch({ sel: id })} />
      ) : (
        <Table search={s} onSelect={(id) => patch({ sel: id })} />
      )}
    </Page>
  );
}

function Table({ search: s, onSelect }: { search: Search; onSelect: (id: string) => void }) {
  const t = useText();
  const w = useWords();
  const navigate = useNavigate();
  const now = useNow();
  const q = useOrders(filterOf(s, useScope()));
  const items = s.show === 'late' ? q.items?.filter((o) => pressing(o, now)) : q.items;
  const more = q.hasNextPage && (s.show !== 'late' || items?.length === q.items?.length);
  const columns: Column<Order>[] = [
    { key: 'left', title: t.col.left, width: '136px', render: (o) => <Left order={o} /> },
    { key: 'class', title: '', width: '64px', render: (o) => <Class sla={o.sla} /> },
    { key: 'door', title: t.col.door, width: 'minmax(144px, 1fr)', render: (o) => <Plate order={o} /> },
    { key: 'what', title: t.col.what, width: 'minmax(96px, 1fr)', render: (o) => nameOf(o) },
    {
      key: 'who',
      title: t.col.who,
      width: '88px',
      render: (o) => (o.name ? <PersonName name={o.name} /> : '—'),
    },
    { key: 'state', title: t.col.state, width: '84px', render: (o) => w.state[o.state] },
    { key: 'worker', title: t.col.worker, width: '84px', render: (o) => o.worker?.name ?? '—' },
    {
      key: 'promise',
      title: t.col.promise,
      width: '156px',
      render: (o) => (o.promise ? span(o.promise.from, o.promise.to) : '—'),
    },
    ...(s.show === 'done'
      ? [
          {
            key: 'stars',
            title: t.col.stars,
            width: '56px',
            right: true,
            render: (o: Order) => o.stars ?? '—',
          },
        ]
      : []),
    { key: 'number', title: t.col.number, width: '116px', render: (o) => <small>{o.number}</small> },
  ];
  const narrow = s.sel ? new Set(['promise', 'number', 'class', 'worker']) : new Set<string>();
  return (
    <Panel flush>
      <Loaded query={{ data: items, error: q.error, refetch: q.refetch }} rows={8}>
        {(rows) => (
          <WorkList
            label={t.title}
            rows={rows}
            id={(o) => o.id}
            columns={columns.filter((c) => !narrow.has(c.key))}
            selected={s.sel}
            onSelect={(o) => onSelect(o.id)}
            onOpen={(o) => void navigate({ to: '/orders/$id', params: { id: o.id } } as never)}
            empty={s.show === 'late' ? t.emptyLate : s.show === undefined && !s.q ? t.emptyRunning : t.empty}
            more={more}
            loadingMore={q.isFetchingNextPage}
            onMore={() => void q.fetchNextPage()}
          />
        )}
      </Loaded>
    </Panel>
  );
}
