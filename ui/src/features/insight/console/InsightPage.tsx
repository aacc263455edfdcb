// Five targets: where they stand, how they came there, and the communities side by side. Every number opens.
import { Link, useSearch } from '@tanstack/react-router';
import { Segmented } from 'antd';
import { useMay } from '@/api/me';
import { useScope } from '@/api/scope';
import { ChartPanel, FilterBar, Page, Panel, useSearchPatch } from '@/design/console';
import { AsOf, KpiRow, Loaded, StatePanel } from '@/design/core';
import { count } from '@/design/format';
import { useLang } from '@/i18n';
import { useBase } from '@/i18n/base';
import { useBoardOf, useCommunities, useDaysOf, type Value } from '../api';
import { chartOf, findingOf, kpiOf, nameOf } from '../figures';
import { useText } from '../text';
import { Communities } from './Communities';
import css from './insight.module.css';
import type { Search } from './search';

/** Days in the lines and in the chart. */
const daysBack = 14;

export function InsightPage() {
  const t = useText();
  const search = useSearch({ strict: false }) as Search;
  const patch = useSearchPatch<Search>();
  const span = search.span ?? '7d';
  const place = useScope();
  const board = useBoardOf(place, span);
  const communities = useCommunities();
  const name = communities?.find((c) => c.place === place)?.name ?? t.place;
  return (
    <Page title={t.title} note={board.data?.[0] ? <AsOf at={board.data[0].as_of} /> : null}>
      <FilterBar<Search>
        filters={[
          {
            kind: 'tabs',
            key: 'span',
            label: t.span,
            options: Object.entries(t.spans).map(([value, label]) => ({ value, label: t.last(label) })),
          },
        ]}
        value={{ ...search, span }}
        onChange={patch}
      />
      <Loaded query={board} rows={8}>
        {(five) => (
          <>
            <Five five={five} place={place} span={span} note={t.notes(t.spans[span] ?? span, name)} />
            <Communities
              five={five}
              communities={communities}
              span={span}
              kpi={search.kpi ?? five[0]?.slug}
            />
            <Course five={five} place={place} kpi={search.kpi} onKpi={(kpi) => patch({ kpi })} />
          </>
        )}
      </Loaded>
    </Page>
  );
}

function Five({ five, place, span, note }: { five: Value[]; place: string; span: string; note: string }) {
  const t = useText();
  const lang = useLang();
  const base = useBase();
  const may = useMay();
  const days = useDaysOf(
    five.map((v) => v.slug),
    place,
    daysBack,
  );
  return (
    <Panel title={t.five} note={note}>
      {five.map((v, i) => (
        <KpiRow
          key={v.slug}
          kpi={kpiOf(v, days[i]?.data, t, lang, base.small)}
          openRows={
            v.slug === 'cost-reduction' && may('insight.cost') ? (
              <Link to="/costs">{t.fillCosts}</Link>
            ) : may('insight.rows') ? (
              <Link to="/insight/$kpi" params={{ kpi: v.slug } as never} search={{ span } as never}>
                {t.openRows}
              </Link>
            ) : null
          }
        />
      ))}
    </Panel>
  );
}

/** One figure day by day; the title is what its course shows. */
function Course({
  five,
  place,
  kpi,
  onKpi,
}: {
  five: Value[];
  place: string;
  kpi?: string;
  onKpi: (slug: string) => void;
}) {
  const t = useText();
  const lang = useLang();
  const measured = five.filter((v) => v.slug !== 'cost-reduction');
  const chosen = measured.find((v) => v.slug === kpi) ?? measured[0];
  const [days] = useDaysOf(chosen ? [chosen.slug] : [], place, daysBack);
  if (!chosen) return null;
  return (
    <div className={css.course}>
      <Segmented
        aria-label={t.kpi}
        value={chosen.slug}
        onChange={onKpi}
        options={measured.map((v) => ({ value: v.slug, label: nameOf(v, lang) }))}
      />
      <Loaded query={{ data: days?.data, error: days?.error, refetch: days?.refetch }} rows={6}>
        {(d) =>
          d.filter((v) => v.value !== undefined).length < 2 ? (
            <Panel title={findingOf(d, t)}>
              <StatePanel state="setup" title={t.oneDay} />
            </Panel>
          ) : (
            <ChartPanel
              finding={findingOf(d, t)}
              about={t.daily(nameOf(chosen, lang), count(daysBack))}
              asOf={d[d.length - 1]?.as_of}
              spec={chartOf(d, t, lang)}
              height={240}
            />
          )
        }
      </Loaded>
    </div>
  );
}
