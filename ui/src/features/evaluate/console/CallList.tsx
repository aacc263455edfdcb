// Residents to call back, by time left; or those who were called, with what they said. ↑↓ move, Enter selects.
import { useCatalogNames } from '@/api/names';
import { useNow } from '@/design/clock';
import { type Column, Panel, WorkList } from '@/design/console';
import { DoorPlate, Loaded, PersonName, TimeLeft } from '@/design/core';
import { moment } from '@/design/format';
import { useTown } from '@/map/town';
import { type Call, useCalls } from '../api';
import { useText } from './text';

/** Columns that give way to the panel, which shows them. */
const wide = new Set(['phone', 'tries', 'c', 's', 'p']);

export function CallList({
  state,
  place,
  selected,
  onSelect,
}: {
  state: 'open' | 'done' | 'unreached';
  place: string;
  selected: string | undefined;
  onSelect: (order: string) => void;
}) {
  const t = useText();
  const names = useCatalogNames();
  const town = useTown();
  useNow(); // words such as 今天 follow the server's clock
  const q = useCalls(state, place);
  const answer = (v: boolean | undefined) => (v === undefined ? '—' : v ? t.yes : t.no);
  const columns: Column<Call>[] = [
    state === 'open'
      ? {
          key: 'left',
          title: t.col.left,
          width: '112px',
          render: (c) => <TimeLeft due={c.due_at} from={c.drawn_at} />,
        }
      : { key: 'at', title: t.col.at, width: '128px', render: (c) => moment(c.at) },
    {
      key: 'who',
      title: t.col.who,
      width: '88px',
      render: (c) => (c.name ? <PersonName name={c.name} /> : '—'),
    },
    { key: 'phone', title: t.col.phone, width: '120px', render: (c) => c.phone || '—' },
    { key: 'what', title: t.col.what, width: 'minmax(112px, 1fr)', render: (c) => names.item(c.item) },
    {
      key: 'door',
      title: t.col.door,
      width: 'minmax(120px, 1fr)',
      render: (c) => <DoorPlate label={town.door(c.place)} />,
    },
    { key: 'why', title: t.col.why, width: '96px', render: (c) => t.reason[c.reason] },
    ...(state === 'done'
      ? ([
          { key: 'c', title: t.col.contacted, width: '56px', render: (c) => answer(c.contacted) },
          { key: 's', title: t.col.solved, width: '56px', render: (c) => answer(c.solved) },
          { key: 'p', title: t.col.pleased, width: '56px', render: (c) => answer(c.satisfied) },
        ] satisfies Column<Call>[])
      : ([
          {
            key: 'tries',
            title: t.col.tries,
            width: '64px',
            render: (c) => (c.tries > 0 ? t.times(c.tries) : '—'),
          },
        ] satisfies Column<Call>[])),
  ];
  return (
    <Panel flush>
      <Loaded query={{ data: q.items, error: q.error, refetch: q.refetch }} rows={6}>
        {(rows) => (
          <WorkList
            label={t.tabs[state]}
            rows={rows}
            id={(c) => c.order_id}
            columns={selected ? columns.filter((c) => !wide.has(c.key)) : columns}
            selected={selected}
            onSelect={(c) => onSelect(c.order_id)}
            empty={t.empty[state]}
            more={q.hasNextPage}
            loadingMore={q.isFetchingNextPage}
            onMore={() => void q.fetchNextPage()}
          />
        )}
      </Loaded>
    </Panel>
  );
}
