// Certificates by the day they end: those over first, then the next 30 days, then the year. ↑↓ move; the worker opens beside.
import { Panel, WorkList } from '@/design/console';
import { Loaded, StatePanel } from '@/design/core';
import { count } from '@/design/format';
import { type Expiring, useExpiring, useKinds } from '../api';
import { CertLeft, useSkillNames } from './marks';
import type { Search } from './search';
import { useText } from './text';

export function CertificatesTab({ search: s, onSelect }: { search: Search; onSelect: (id: string) => void }) {
  const t = useText();
  const q = useExpiring(s.within ? Number(s.within) : 30);
  return (
    <Loaded query={q} rows={8}>
      {({ items }) => {
        const over = items.filter((c) => (c.days_left ?? 0) < 0);
        const soon = items.filter((c) => (c.days_left ?? 0) >= 0 && (c.days_left ?? 0) <= 30);
        const later = items.filter((c) => (c.days_left ?? 0) > 30);
        const part = (title: string, rows: Expiring[]) =>
          rows.length > 0 ? (
            <Panel flush title={title} note={count(rows.length)}>
              <List rows={rows} label={title} selected={s.sel} onSelect={onSelect} />
            </Panel>
          ) : null;
        return (
          <>
            {part(t.cert.expired, over)}
            {part(t.cert.soon, soon)}
            {part(t.cert.later, later)}
            {items.length === 0 ? (
              <Panel>
                <StatePanel state="empty" title={s.within ? t.cert.noneLater : t.cert.none} />
              </Panel>
            ) : null}
          </>
        );
      }}
    </Loaded>
  );
}

function List({
  rows,
  label,
  selected,
  onSelect,
}: {
  rows: Expiring[];
  label: string;
  selected: string | undefined;
  onSelect: (worker: string) => void;
}) {
  const t = useText();
  const names = useSkillNames(useKinds().data);
  const first = rows.find((c) => c.worker === selected)?.id;
  return (
    <WorkList<Expiring>
      label={label}
      rows={rows}
      id={(c) => c.id}
      selected={first}
      onSelect={(c) => onSelect(c.worker)}
      columns={[
        { key: 'l', title: t.col.left, width: '112px', render: (c) => <CertLeft cert={c} /> },
        {
          key: 'p',
          title: t.col.person,
          width: 'minmax(80px, 0.6fr)',
          render: (c) => <b>{c.worker_name}</b>,
        },
        {
          key: 'k',
          title: t.col.cert,
          width: 'minmax(136px, 1fr)',
          render: (c) => names.cert(c.kind),
        },
        ...(selected
          ? []
          : [
              {
                key: 'n',
                title: t.col.number,
                width: 'minmax(104px, 0.8fr)',
                render: (c: Expiring) => c.number || '—',
              },
              {
                key: 'o',
                title: t.col.org,
                width: 'minmax(136px, 1fr)',
                render: (c: Expiring) => c.org_name,
              },
            ]),
        { key: 'e', title: t.col.expires, width: '104px', render: (c) => c.expires },
      ]}
    />
  );
}
