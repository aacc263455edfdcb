// What governing cost, month by month: the basis of the fifth figure. A press on a month fills the form with it.
import { useSearch } from '@tanstack/react-router';
import { Page, Panel, useSearchPatch, WorkList } from '@/design/console';
import { Loaded } from '@/design/core';
import { count, figure, yuan } from '@/design/format';
import { useCosts } from '../api';
import { costKinds, type Month, monthsNeeded, monthsOf } from '../figures';
import { useText } from '../text';
import { CostForm } from './CostForm';
import css from './insight.module.css';

export function CostsPage() {
  const t = useText();
  const search = useSearch({ strict: false }) as { month?: string };
  const patch = useSearchPatch<{ month?: string }>();
  const costs = useCosts();
  return (
    <Page title={t.costs} note={t.costNote}>
      <Loaded query={costs}>
        {(rows) => {
          const months = monthsOf(rows);
          const have = months.length;
          const chosen = months.find((m) => m.month === search.month);
          return (
            <>
              <p className={css.quiet}>
                {have >= monthsNeeded
                  ? t.enough(count(have))
                  : t.still(count(have), count(monthsNeeded - have))}
              </p>
              <Panel title={chosen ? t.editMonth(chosen.month) : t.fillMonth}>
                <CostForm
                  key={chosen?.month ?? ''}
                  before={chosen}
                  last={months[0]}
                  onSaved={() => patch({ month: undefined })}
                />
              </Panel>
              <Panel flush>
                <WorkList<Month>
                  label={t.costs}
                  rows={months}
                  id={(m) => m.month}
                  selected={search.month}
                  onSelect={(m) => patch({ month: m.month })}
                  empty={<p className={css.empty}>{t.noCosts}</p>}
                  columns={[
                    { key: 'm', title: t.month, width: '72px', render: (m) => m.month },
                    ...costKinds.map((k) => ({
                      key: k,
                      title: t.costKind[k],
                      width: 'minmax(84px, 1fr)',
                      right: true,
                      render: (m: Month) => yuan(m.fen[k]),
                    })),
                    {
                      key: 'sum',
                      title: t.total,
                      width: '96px',
                      right: true,
                      render: (m) => yuan(m.total),
                    },
                    {
                      key: 'r',
                      title: t.residents,
                      width: '72px',
                      right: true,
                      render: (m) => count(m.residents),
                    },
                    {
                      key: 'c',
                      title: t.cpi,
                      width: '72px',
                      right: true,
                      render: (m) => figure(m.cpi / 100, 2),
                    },
                    { key: 'h', title: t.perHead, width: '80px', right: true, render: (m) => yuan(m.head) },
                  ]}
                />
              </Panel>
            </>
          );
        }}
      </Loaded>
    </Page>
  );
}
