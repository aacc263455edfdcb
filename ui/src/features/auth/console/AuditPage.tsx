// The trail: who did what to whom and why, newest first. A line leads to everything of its person and everything about its subject. ↑↓ move.
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useSearch } from '@tanstack/react-router';
import { Button } from 'antd';
import { wordsOf } from '@/api/client';
import { serverNow } from '@/design/clock';
import { type Filter, FilterBar, Page, Panel, useSearchPatch, WorkList } from '@/design/console';
import { Icon, Loaded } from '@/design/core';
import { clock, count, exact } from '@/design/format';
import { type Line, useTrail, verify } from '../api';
import { useText } from '../text';
import { AuditPanel } from './AuditPanel';
import css from './auth.module.css';
import { type AuditSearch, trailOf } from './search';
import { useWords } from './useWords';

export function AuditPage() {
  const t = useText().audit;
  const s = useSearch({ strict: false }) as AuditSearch;
  const patch = useSearchPatch<AuditSearch>();
  const client = useQueryClient();
  const words = useWords();
  const q = useTrail(trailOf(s));
  const chosen = q.items?.find((l) => l.id === s.sel);
  const check = useMutation({ mutationFn: async () => ({ ...(await verify()), at: serverNow() }) });
  return (
    <Page
      title={t.title}
      note={t.note}
      act={
        <>
          <Button onClick={() => void client.invalidateQueries({ queryKey: ['auth', 'trail'] })}>
            {t.refresh}
          </Button>
          <Button type="primary" loading={check.isPending} onClick={() => check.mutate()}>
            {t.verify}
          </Button>
        </>
      }
      side={
        chosen ? (
          <AuditPanel
            key={chosen.id}
            line={chosen}
            onClose={() => patch({ sel: undefined })}
            onFilter={(p) => patch({ ...cleared, ...p })}
          />
        ) : undefined
      }
    >
      {check.data ? (
        <ChainBar lines={check.data.lines} broken={check.data.broken} at={check.data.at} />
      ) : null}
      {check.error ? (
        <p className={css.chain} data-broken role="alert">
          {wordsOf(check.error)}
        </p>
      ) : null}
      <FilterBar<AuditSearch>
        filters={useFilters()}
        value={s}
        onChange={(p) =>
          patch({ ...p, ...('range' in p ? { range: p.range || undefined } : {}), sel: undefined })
        }
      />
      <About search={s} onClear={() => patch(cleared)} />
      <Panel flush>
        <Loaded query={{ data: q.items, error: q.error, refetch: q.refetch }} rows={12}>
          {(rows) => (
            <WorkList<Line>
              label={t.title}
              rows={rows}
              id={(l) => l.id}
              selected={s.sel}
              onSelect={(l) => patch({ sel: l.id })}
              empty={t.empty}
              more={q.hasNextPage}
              loadingMore={q.isFetchingNextPage}
              onMore={() => void q.fetchNextPage()}
              maxHeight="calc(100vh - 236px)"
              columns={[
                { key: 't', title: t.col.at, width: '152px', render: (l) => exact(l.at) },
                {
                  key: 'w',
                  title: t.col.who,
                  width: 'minmax(72px, 0.5fr)',
                  render: (l) => <b>{l.who || words.person(l.user) || l.user || t.system}</b>,
                },
                {
                  key: 'a',
                  title: t.col.act,
                  width: 'minmax(112px, 0.8fr)',
                  render: (l) => t.act[l.act] ?? l.act,
                },
                {
                  key: 's',
                  title: t.col.subject,
                  width: 'minmax(96px, 1fr)',
                  render: (l) => (
                    <span className={css.soft}>
                      {l.subject?.startsWith('usr_')
                        ? (words.person(l.subject) ?? l.subject)
                        : l.subject || '—'}
                    </span>
                  ),
                },
                ...(s.sel
                  ? []
                  : [
                      {
                        key: 'r',
                        title: t.col.why,
                        width: 'minmax(120px, 1fr)',
                        render: (l: Line) => l.reason || <span className={css.soft}>{l.detail || '—'}</span>,
                      },
                      { key: 'c', title: t.col.class, width: '56px', render: (l: Line) => l.class || '—' },
                      {
                        key: 'n',
                        title: t.col.seq,
                        width: '72px',
                        right: true,
                        render: (l: Line) =>
                          l.seq ? (
                            count(l.seq)
                          ) : (
                            <span className={css.soft} title={t.openNote}>
                              …
                            </span>
                          ),
                      },
                    ]),
              ]}
            />
          )}
        </Loaded>
      </Panel>
    </Page>
  );
}

const cleared: AuditSearch = {
  range: undefined,
  user: undefined,
  subject: undefined,
  act: undefined,
  class: undefined,
  sel: undefined,
};

/** The whole chain holds, or the number of the first line that does not fit. */
function ChainBar({ lines, broken, at }: { lines: number; broken: number; at: number }) {
  const t = useText().audit;
  return (
    <p className={css.chain} data-broken={broken > 0 || undefined} role={broken > 0 ? 'alert' : 'status'}>
      <Icon name={broken > 0 ? 'warn' : 'check'} size={18} />
      {broken > 0 ? t.broken(count(broken)) : t.whole(count(lines), clock(at))}
    </p>
  );
}

/** What the list is narrowed to, in words. */
function About({ search: s, onClear }: { search: AuditSearch; onClear: () => void }) {
  const t = useText().audit;
  const words = useWords();
  const about = [
    s.user ? t.byUser(words.person(s.user) ?? s.user) : '',
    s.subject ? (s.subject.startsWith('res_') ? t.aboutResident(s.subject) : t.about(s.subject)) : '',
  ].filter(Boolean);
  if (about.length === 0) return null;
  return (
    <p className={css.about}>
      <b>{about.join(' · ')}</b>
      <Button size="small" type="text" onClick={onClear}>
        {t.clear}
      </Button>
    </p>
  );
}

function useFilters(): Filter<AuditSearch>[] {
  const all = useText();
  const t = all.audit;
  const words = useWords();
  return [
    {
      kind: 'tabs',
      key: 'range',
      label: t.tab.label,
      options: (['', 'D3', 'grant', 'failed'] as const).map((value) => ({ value, label: t.tab[value] })),
    },
    {
      kind: 'select',
      key: 'user',
      label: t.userFilter,
      width: 144,
      options: words.users.map((u) => ({ value: u.id, label: `${u.name} ${u.login}` })),
    },
    {
      kind: 'select',
      key: 'act',
      label: t.actFilter,
      width: 152,
      options: Object.entries(t.act).map(([value, label]) => ({ value, label })),
    },
    {
      kind: 'select',
      key: 'class',
      label: t.classFilter,
      width: 136,
      options: Object.entries(all.classes.names).map(([value, label]) => ({
        value,
        label: `${value} ${label}`,
      })),
    },
    { kind: 'search', key: 'subject', label: t.search, width: 168 },
  ];
}
