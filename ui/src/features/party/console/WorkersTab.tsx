// Workers: what they can do, whether they are at work, which certificates end. ↑↓ move, Enter opens the page.
import { useNavigate } from '@tanstack/react-router';
import { useScope } from '@/api/scope';
import { type Column, Panel, WorkList } from '@/design/console';
import { Loaded } from '@/design/core';
import { useKinds, useWorkers, type Worker } from '../api';
import { useText as useWords } from '../text';
import { CertLeft, Now, useSkillNames } from './marks';
import { type Search, workerFilter } from './search';
import { useText } from './text';

/** The certificate that ends first, of those that still count. */
const nextEnd = (w: Worker) =>
  w.certificates
    .filter((c) => c.days_left !== undefined && !(c.revoked_at && Date.parse(c.revoked_at) > 0))
    .sort((a, b) => (a.days_left ?? 0) - (b.days_left ?? 0))[0];

export function WorkersTab({ search: s, onSelect }: { search: Search; onSelect: (id: string) => void }) {
  const t = useText();
  const words = useWords();
  const scope = useScope();
  const navigate = useNavigate();
  const names = useSkillNames(useKinds().data);
  const q = useWorkers(workerFilter(s, scope));
  const columns: (Column<Worker> & { wide?: boolean })[] = [
    { key: 'n', title: t.col.person, width: 'minmax(80px, 0.6fr)', render: (w) => <b>{w.name}</b> },
    { key: 'o', title: t.col.org, width: 'minmax(136px, 1fr)', render: (w) => w.org_name },
    {
      key: 's',
      title: t.col.skills,
      width: 'minmax(144px, 1.4fr)',
      wide: true,
      render: (w) => w.skills.map((k) => names.skill(k.code)).join(words.and) || '—',
    },
    { key: 'w', title: t.col.now, width: 'minmax(144px, 1fr)', render: (w) => <Now worker={w} /> },
    {
      key: 'c',
      title: t.col.cert,
      width: 'minmax(168px, 1fr)',
      wide: true,
      render: (w) => {
        const c = nextEnd(w);
        if (!c) return '—';
        return (
          <>
            {names.cert(c.kind)} <CertLeft cert={c} />
          </>
        );
      },
    },
  ];
  return (
    <Panel flush>
      <Loaded query={{ data: q.items, error: q.error, refetch: q.refetch }} rows={10}>
        {(rows) => (
          <WorkList<Worker>
            label={t.tab.workers}
            rows={rows}
            id={(w) => w.id}
            columns={s.sel ? columns.filter((c) => !c.wide) : columns}
            selected={s.sel}
            onSelect={(w) => onSelect(w.id)}
            onOpen={(w) => void navigate({ to: `/parties/workers/${w.id}` })}
            empty={t.noWorkers}
            maxHeight="calc(100vh - 200px)"
            more={q.hasNextPage}
            onMore={() => void q.fetchNextPage()}
          />
        )}
      </Loaded>
    </Panel>
  );
}
