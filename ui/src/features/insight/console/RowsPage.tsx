// The rows behind one figure, newest first: what was counted, what only below the line, what was left out and why. Enter opens a row.
import { Link, useNavigate, useParams, useSearch } from '@tanstack/react-router';
import { useMay } from '@/api/me';
import { useScope } from '@/api/scope';
import { FilterBar, Page, Panel, useSearchPatch, WorkList } from '@/design/console';
import { AsOf, DoorPlate, Failed, Lineage, Loaded, StatePanel } from '@/design/core';
import { figure, moment, yuan } from '@/design/format';
import { useLang } from '@/i18n';
import { useBase } from '@/i18n/base';
import { useTown } from '@/map/town';
import { type Row, useBoardOf, useRows } from '../api';
import { kpiOf, nameOf } from '../figures';
import { useText } from '../text';
import css from './insight.module.css';
import type { RowSearch } from './search';

export function RowsPage() {
  const t = useText();
  const lang = useLang();
  const base = useBase();
  const may = useMay();
  const { kpi = '' } = useParams({ strict: false }) as { kpi?: string };
  const search = useSearch({ strict: false }) as RowSearch;
  const patch = useSearchPatch<RowSearch>();
  const span = search.span ?? '7d';
  const place = useScope();
  const board = useBoardOf(place, span).data;
  const value = board?.find((v) => v.slug === kpi);
  const title = value ? t.rowsTitle(nameOf(value, lang)) : t.openRows;
  const k = value && kpiOf(value, undefined, t, lang, base.small);
  return (
    <Page
      title={title}
      note={value ? <AsOf at={value.as_of} /> : null}
      act={<Link to="/insight">{t.back}</Link>}
    >
      {k?.facts ? (
        <p className={css.head}>
          <Lineage facts={k.facts}>
            <b>
              {k.value ?? '—'} {k.value === undefined ? '' : k.unit}
            </b>
          </Lineage>
          <span>{base.target(k.target ?? '')}</span>
          <span>{k.note}</span>
        </p>
      ) : null}
      <FilterBar<RowSearch>
        filters={[
          {
            kind: 'tabs',
            key: 'part',
            label: t.part,
            options: Object.entries(t.parts).map(([v, label]) => ({ value: v, label })),
          },
          {
            kind: 'tabs',
            key: 'span',
            label: t.span,
            options: Object.entries(t.spans).map(([v, label]) => ({ value: v, label: t.last(label) })),
          },
        ]}
        value={{ part: '', ...search, span }}
        onChange={patch}
      />
      {board && !value ? (
        <StatePanel state="empty" title={t.noKpi} />
      ) : may('insight.rows') ? (
        <Rows title={title} kpi={kpi} ask={{ place, span, part: search.part }} />
      ) : (
        <StatePanel state="forbidden" title={t.rowsOnly} />
      )}
    </Page>
  );
}

/** Where a row is looked at: the page of its slice. */
function pageOf(r: Row): string | undefined {
  if (r.kind === 'demand') return `/demands/${r.id}`;
  if (r.kind === 'order') return `/orders/${r.id}`;
  if (r.kind === 'slot') return `/facilities?sel=${r.id}`;
  return undefined;
}

function Rows({
  title,
  kpi,
  ask,
}: {
  title: string;
  kpi: string;
  ask: { place?: string; span: string; part?: string };
}) {
  const t = useText();
  const town = useTown();
  const navigate = useNavigate();
  const list = useRows(kpi, ask);
  if (list.error && !list.items) return <Failed error={list.error} retry={list.refetch} />;
  const open = (r: Row) => {
    const to = pageOf(r);
    if (to) void navigate({ href: to });
  };
  const number = (r: Row) =>
    kpi === 'demand-match-rate'
      ? r.value
        ? t.yes
        : t.no
      : r.kind === 'cost'
        ? yuan(r.value * 100)
        : figure(r.value);
  return (
    <Panel flush>
      <Loaded query={{ data: list.items, error: list.error, refetch: list.refetch }} empty={t.noneRows}>
        {(rows) => (
          <WorkList<Row>
            label={title}
            rows={rows}
            id={(r) => `${r.kind} ${r.id} ${r.at}`}
            onOpen={open}
            more={list.hasNextPage}
            onMore={() => void list.fetchNextPage()}
            loadingMore={list.isFetchingNextPage}
            maxHeight="calc(100vh - 280px)"
            columns={[
              { key: 'at', title: t.when, width: '148px', render: (r) => moment(r.at) },
              {
                key: 'id',
                title: t.what,
                width: '148px',
                render: (r) => `${t.rowKind[r.kind] ?? r.kind} ${r.kind === 'cost' ? r.id : r.id.slice(-6)}`,
              },
              {
                key: 'place',
                title: t.where,
                width: 'minmax(160px, 1fr)',
                render: (r) => (r.place ? <DoorPlate label={town.door(r.place)} /> : '—'),
              },
              { key: 'part', title: t.part, width: '96px', render: (r) => t.counted[r.part] ?? r.part },
              {
                key: 'why',
                title: t.because,
                width: 'minmax(120px, 1fr)',
                render: (r) => (r.reason ? (t.reason[r.reason] ?? r.reason) : ''),
              },
              { key: 'v', title: t.rowUnit[kpi] ?? t.value, width: '104px', right: true, render: number },
            ]}
          />
        )}
      </Loaded>
    </Panel>
  );
}
