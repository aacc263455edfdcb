// The cells of the map as a table, most needs first; those with too few people are counted together, never one by one.
import { Panel, WorkList } from '@/design/console';
import { StatePanel } from '@/design/core';
import { count, percent } from '@/design/format';
import type { HeatMap } from '../api';
import { type Ranked, ranked } from '../cells';
import { useText } from '../text';
import css from './heat.module.css';

export function CellList({
  heat,
  where,
  selected,
  onSelect,
}: {
  heat: HeatMap;
  where: (cell: string) => string;
  selected?: string;
  onSelect: (cell: string) => void;
}) {
  const t = useText();
  const rows = ranked(heat.cells);
  const most = rows[0]?.n ?? 1;
  return (
    <Panel flush>
      <WorkList<Ranked>
        label={t.title}
        rows={rows}
        id={(r) => r.cell}
        selected={selected}
        onSelect={(r) => onSelect(r.cell)}
        maxHeight="calc(100vh - 260px)"
        empty={<StatePanel state="suppressed" title={t.scattered} detail={t.floor(count(heat.floor))} />}
        columns={[
          { key: 'rank', title: t.rank, width: '56px', right: true, render: (r) => r.rank },
          { key: 'where', title: t.where, width: 'minmax(160px, 1fr)', render: (r) => where(r.cell) },
          {
            key: 'bar',
            title: '',
            width: 'minmax(80px, 1fr)',
            render: (r) => <i className={css.bar} style={{ width: `${(100 * r.n) / most}%` }} />,
          },
          { key: 'n', title: t.count, width: '72px', right: true, render: (r) => count(r.n) },
          { key: 'share', title: t.share, width: '72px', right: true, render: (r) => percent(r.share) },
        ]}
      />
    </Panel>
  );
}
