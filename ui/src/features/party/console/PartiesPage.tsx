// Who takes part: organizations by kind, workers, certificates that end, shifts of the week, who acts where. Everything chosen stands in the URL.
import { Link, useSearch } from '@tanstack/react-router';
import { Button } from 'antd';
import { useMay } from '@/api/me';
import { type Filter, FilterBar, Page, useSearchPatch } from '@/design/console';
import { useLang } from '@/i18n';
import { useKinds, useOrgs } from '../api';
import { CertificatesTab } from './CertificatesTab';
import { OrgPanel } from './OrgPanel';
import { OrgsTab } from './OrgsTab';
import { RolesTab } from './RolesTab';
import { ShiftsTab } from './ShiftsTab';
import { type Search, tabs } from './search';
import { useText } from './text';
import { WorkerPanel } from './WorkerPanel';
import { WorkersTab } from './WorkersTab';

export function PartiesPage() {
  const t = useText();
  const may = useMay();
  const s = useSearch({ strict: false }) as Search;
  const patch = useSearchPatch<Search>();
  const close = () => patch({ sel: undefined });
  const side = !s.sel ? undefined : s.tab ? (
    <WorkerPanel key={s.sel} id={s.sel} onClose={close} />
  ) : (
    <OrgPanel key={s.sel} id={s.sel} onClose={close} />
  );
  const filters = useFilters(s);
  return (
    <Page
      title={t.title}
      act={
        !may('party.write') ? undefined : s.tab === undefined ? (
          <Link to="/parties/orgs/new">
            <Button type="primary">{t.newOrg}</Button>
          </Link>
        ) : s.tab === 'workers' ? (
          <Link to="/parties/workers/new" search={(s.org ? { org: s.org } : {}) as never}>
            <Button type="primary">{t.newWorker}</Button>
          </Link>
        ) : undefined
      }
      side={s.tab === 'roles' ? undefined : side}
    >
      <FilterBar<Search>
        filters={filters}
        value={s}
        onChange={(p) => patch('tab' in p ? { ...cleared, ...p, tab: tabs.find((x) => x === p.tab) } : p)}
      />
      {s.tab === 'workers' ? (
        <WorkersTab search={s} onSelect={(sel) => patch({ sel })} />
      ) : s.tab === 'certificates' ? (
        <CertificatesTab search={s} onSelect={(sel) => patch({ sel })} />
      ) : s.tab === 'shifts' ? (
        <ShiftsTab search={s} onSelect={(sel) => patch({ sel })} onWeek={(week) => patch({ week })} />
      ) : s.tab === 'roles' ? (
        <RolesTab />
      ) : (
        <OrgsTab
          search={s}
          onKind={(kind) => patch({ kind, sel: undefined })}
          onSelect={(sel) => patch({ sel })}
        />
      )}
    </Page>
  );
}

/** A filter of one tab means nothing on another. */
const cleared: Search = {
  kind: undefined,
  org: undefined,
  skill: undefined,
  state: undefined,
  q: undefined,
  within: undefined,
  week: undefined,
  sel: undefined,
};

function useFilters(s: Search): Filter<Search>[] {
  const t = useText();
  const lang = useLang();
  const kinds = useKinds().data;
  const orgs = useOrgs().items;
  const tab: Filter<Search> = {
    kind: 'tabs',
    key: 'tab',
    label: t.tab.label,
    options: [{ value: '', label: t.tab.orgs }, ...tabs.map((value) => ({ value, label: t.tab[value] }))],
  };
  const org: Filter<Search> = {
    kind: 'select',
    key: 'org',
    label: t.orgFilter,
    width: 176,
    options: orgs?.filter((o) => o.workers > 0).map((o) => ({ value: o.id, label: o.name })) ?? [],
  };
  const state = (words: Record<string, string>): Filter<Search> => ({
    kind: 'select',
    key: 'state',
    label: t.stateFilter,
    width: 112,
    options: Object.entries(words).map(([value, label]) => ({ value, label })),
  });
  if (s.tab === undefined) {
    return [tab, { kind: 'search', key: 'q', label: t.search, width: 180 }, state(t.orgState)];
  }
  if (s.tab === 'workers') {
    const skill: Filter<Search> = {
      kind: 'select',
      key: 'skill',
      label: t.skillFilter,
      width: 144,
      options: kinds?.skills.map((k) => ({ value: k.code, label: k[lang] })) ?? [],
    };
    return [tab, { kind: 'search', key: 'q', label: t.searchWorker, width: 144 }, org, skill, state(t.state)];
  }
  if (s.tab === 'certificates') {
    return [
      tab,
      {
        kind: 'tabs',
        key: 'within',
        label: t.cert.range,
        options: [
          { value: '', label: t.cert.show.month },
          { value: '400', label: t.cert.show.year },
        ],
      },
    ];
  }
  return s.tab === 'shifts' ? [tab, org] : [tab];
}
