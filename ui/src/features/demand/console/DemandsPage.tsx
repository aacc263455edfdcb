// The inbox: everything voiced, what waits for a clerk first, by time left. Filters and chosen row stand in the URL; ↑↓ move, Enter opens the page.
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { useMay } from '@/api/me';
import { useScope } from '@/api/scope';
import { useNow } from '@/design/clock';
import { type Column, FilterBar, Page, Panel, useSearchPatch, WorkList } from '@/design/console';
import { Loaded } from '@/design/core';
import { count, moment } from '@/design/format';
import { useLang } from '@/i18n';
import { type Demand, sources, useCounts, useDemands } from '../api';
import { useText as useWords } from '../text';
import { certaintyOf, oneLine } from '../words';
import { Grade, Left, Where } from './DemandHead';
import { DemandPanel } from './DemandPanel';
import css from './demand.module.css';
import { filterOf, type Search } from './search';
import { useText } from './text';
import { useNames } from './useNames';

export function DemandsPage() {
  const t = useText();
  const w = useWords();
  const may = useMay();
  const names = useNames();
  const s = useSearch({ strict: false }) as Search;
  const patch = useSearchPatch<Search>();
  const c = useCounts().data;
  const today = c ? Object.values(c.today).reduce((a, b) => a + b, 0) : undefined;
  return (
    <Page
      title={t.title}
      note={today === undefined ? undefined : t.today(count(today))}
      act={
        <>
          {may('demand.triage') ? (
            <Link to="/demands/taught" className={css.quiet}>
              {t.taught}
            </Link>
          ) : null}
          {may('demand.import') ? (
            <Link to="/demands/import" className={css.quiet}>
              {t.import}
            </Link>
          ) : null}
        </>
      }
      side={
        s.sel ? <DemandPanel key={s.sel} id={s.sel} onClose={() => patch({ sel: undefined })} /> : undefined
      }
    >
      <FilterBar<Search>
        filters={[
          {
            kind: 'tabs',
            key: 'show',
            label: t.tab.label,
            options: [
              { value: '', label: t.tab.queued, count: c ? (c.open.queued ?? 0) : undefined },
              { value: 'hint', label: t.tab.hint, count: c ? (c.open.hint ?? 0) : undefined },
              {
                value: 'going',
                label: t.tab.going,
                count: c ? (c.open.ready ?? 0) + (c.open.ordered ?? 0) : undefined,
              },
              { value: 'referred', label: t.tab.referred },
              { value: 'all', label: t.tab.all },
            ],
          },
          {
            kind: 'select',
            key: 'source',
            label: t.sourceFilter,
            width: 128,
            options: sources.map((x) => ({ value: x, label: w.source[x] })),
          },
          {
            kind: 'select',
            key: 'item',
            label: t.itemFilter,
            width: 152,
            options: names.catalog.items.map((i) => ({ value: i.code, label: names.catalog.item(i.code) })),
          },
          {
            kind: 'select',
            key: 'mark',
            label: t.nearFilter,
            width: 136,
            options: [
              { value: 'near', label: t.nearOnly },
              { value: 'danger', label: t.attentionOnly },
            ],
          },
          { kind: 'search', key: 'q', label: t.searchHint, width: 168 },
        ]}
        value={s}
        onChange={patch}
      />
      <Queue search={s} onSelect={(sel) => patch({ sel })} />
    </Page>
  );
}

function Queue({ search: s, onSelect }: { search: Search; onSelect: (id: string) => void }) {
  const t = useText();
  const w = useWords();
  const lang = useLang();
  const names = useNames();
  const navigate = useNavigate();
  useNow(); // words such as 今天 follow the server's clock
  const q = useDemands(filterOf(s, useScope()));
  const waiting = s.show === undefined || s.show === 'hint';
  const columns: (Column<Demand> & { wide?: boolean })[] = [
    ...(waiting
      ? [{ key: 'left', title: t.col.left, width: '104px', render: (d: Demand) => <Left demand={d} /> }]
      : [{ key: 'state', title: t.col.state, width: '80px', render: (d: Demand) => w.state[d.state] }]),
    { key: 'grade', title: '', width: '72px', render: (d) => <Grade demand={d} /> },
    {
      key: 'door',
      title: t.col.door,
      width: 'minmax(120px, 0.8fr)',
      render: (d) => <Where place={d.place} />,
    },
    {
      key: 'text',
      title: t.col.text,
      width: 'minmax(180px, 2fr)',
      render: (d) => <span className={css.clip}>{oneLine(d) || t.photoOnly}</span>,
    },
    {
      key: 'meant',
      title: t.col.meant,
      width: 'minmax(132px, 1fr)',
      wide: true,
      render: (d) => (
        <>
          {names.meant(d) || t.notMeant}
          {names.meant(d) ? (
            <small className={css.after}>{t.certainty[certaintyOf(d.certainty)]}</small>
          ) : null}
        </>
      ),
    },
    ...(waiting
      ? [
          {
            key: 'lacks',
            title: t.col.lacks,
            width: 'minmax(96px, 0.7fr)',
            wide: true,
            render: (d: Demand) => d.why.map((x) => t.lacks[x]).join(lang === 'zh' ? '、' : ', '),
          },
        ]
      : []),
    { key: 'source', title: t.col.source, width: '88px', wide: true, render: (d) => w.source[d.source] },
    {
      key: 'at',
      title: t.col.at,
      width: '112px',
      wide: true,
      render: (d) => <small>{moment(d.received_at)}</small>,
    },
  ];
  return (
    <Panel flush>
      <Loaded query={{ data: q.items, error: q.error, refetch: q.refetch }} rows={8}>
        {(rows) => (
          <WorkList
            label={t.title}
            rows={rows}
            id={(d) => d.id}
            columns={s.sel ? columns.filter((c) => !c.wide) : columns}
            selected={s.sel}
            onSelect={(d) => onSelect(d.id)}
            onOpen={(d) => void navigate({ to: `/demands/${d.id}` })}
            empty={s.show === undefined ? t.empty.queued : s.show === 'hint' ? t.empty.hint : t.empty.other}
            more={q.hasNextPage}
            loadingMore={q.isFetchingNextPage}
            onMore={() => void q.fetchNextPage()}
          />
        )}
      </Loaded>
    </Panel>
  );
}
