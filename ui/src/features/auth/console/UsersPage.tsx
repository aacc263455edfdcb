// Accounts with their roles and scopes; the roles and the data classes as tables to read. ↑↓ move, the account opens beside.
import { Link, useSearch } from '@tanstack/react-router';
import { Button } from 'antd';
import { useMay } from '@/api/me';
import { type Filter, FilterBar, Page, Panel, useSearchPatch, WorkList } from '@/design/console';
import { Loaded } from '@/design/core';
import { count, moment } from '@/design/format';
import { useLang } from '@/i18n';
import { type User, usePolicy, useUsers } from '../api';
import { useText } from '../text';
import css from './auth.module.css';
import { ClassesTab } from './ClassesTab';
import { RolesTab } from './RolesTab';
import type { UserSearch } from './search';
import { UserPanel } from './UserPanel';
import { UserState } from './UserState';
import { useWords } from './useWords';

const atHome = new Set(['resident', 'guardian']);
/** Whether the account is a resident's own, not a colleague's. */
const ofResident = (u: User) => u.grants.length > 0 && u.grants.every((g) => atHome.has(g.role));

export function UsersPage() {
  const t = useText().users;
  const may = useMay();
  const s = useSearch({ strict: false }) as UserSearch;
  const patch = useSearchPatch<UserSearch>();
  const q = useUsers();
  const chosen = q.items?.find((u) => u.id === s.sel);
  const rows = q.items?.filter((u) => fits(u, s));
  return (
    <Page
      title={t.title}
      note={s.tab || !rows ? undefined : count(rows.length)}
      act={
        may('user.write') && !s.tab ? (
          <Link to="/users/new">
            <Button type="primary">{t.create}</Button>
          </Link>
        ) : undefined
      }
      side={
        chosen && !s.tab ? (
          <UserPanel key={chosen.id} user={chosen} onClose={() => patch({ sel: undefined })} />
        ) : undefined
      }
    >
      <FilterBar<UserSearch>
        filters={useFilters(s)}
        value={s}
        onChange={(p) =>
          patch('tab' in p ? { ...cleared, ...p, tab: p.tab || undefined } : { ...p, sel: undefined })
        }
      />
      {s.tab === 'roles' ? (
        <RolesTab role={s.role} />
      ) : s.tab === 'classes' ? (
        <ClassesTab />
      ) : (
        <Panel flush>
          <Loaded query={{ data: rows, error: q.error, refetch: q.refetch }} rows={10}>
            {(list) => <Accounts rows={list} selected={s.sel} onSelect={(sel) => patch({ sel })} />}
          </Loaded>
        </Panel>
      )}
    </Page>
  );
}

/** A filter of one tab means nothing on another. */
const cleared: UserSearch = {
  show: undefined,
  role: undefined,
  state: undefined,
  q: undefined,
  sel: undefined,
};

function fits(u: User, s: UserSearch): boolean {
  if (s.show !== 'all' && ofResident(u) !== (s.show === 'phone')) return false;
  if (s.role && !u.grants.some((g) => g.role === s.role)) return false;
  if (s.state && u.state !== s.state) return false;
  const q = s.q?.toLowerCase();
  return !q || `${u.login} ${u.name}`.toLowerCase().includes(q);
}

function useFilters(s: UserSearch): Filter<UserSearch>[] {
  const all = useText();
  const t = all.users;
  const lang = useLang();
  const policy = usePolicy().data;
  const roles = Object.entries(policy?.roles ?? {}).map(([value, r]) => ({ value, label: r[lang] }));
  const tab: Filter<UserSearch> = {
    kind: 'tabs',
    key: 'tab',
    label: t.tab.label,
    options: [
      { value: '', label: t.tab.users },
      { value: 'roles', label: t.tab.roles },
      { value: 'classes', label: t.tab.classes },
    ],
  };
  if (s.tab === 'classes') return [tab];
  if (s.tab === 'roles') {
    return [tab, { kind: 'select', key: 'role', label: all.roles.pick, width: 176, options: roles }];
  }
  return [
    tab,
    {
      kind: 'tabs',
      key: 'show',
      label: t.show.label,
      options: [
        { value: '', label: t.show.staff },
        { value: 'phone', label: t.show.phone },
        { value: 'all', label: t.show.all },
      ],
    },
    { kind: 'search', key: 'q', label: t.search, width: 152 },
    { kind: 'select', key: 'role', label: t.roleFilter, width: 144, options: roles },
    {
      kind: 'select',
      key: 'state',
      label: t.stateFilter,
      width: 120,
      options: Object.entries(t.state).map(([value, label]) => ({ value, label })),
    },
  ];
}

function Accounts({
  rows,
  selected,
  onSelect,
}: {
  rows: readonly User[];
  selected: string | undefined;
  onSelect: (id: string) => void;
}) {
  const t = useText().users;
  const words = useWords();
  return (
    <WorkList<User>
      label={t.title}
      rows={rows}
      id={(u) => u.id}
      selected={selected}
      onSelect={(u) => onSelect(u.id)}
      empty={t.empty}
      maxHeight="calc(100vh - 200px)"
      columns={[
        { key: 'n', title: t.col.name, width: 'minmax(80px, 0.5fr)', render: (u) => <b>{u.name}</b> },
        { key: 'l', title: t.col.login, width: 'minmax(96px, 0.6fr)', render: (u) => u.login },
        {
          key: 'r',
          title: t.col.roles,
          width: 'minmax(200px, 2fr)',
          render: (u) =>
            u.grants.length === 0 ? (
              <span className={css.soft}>{t.noRoles}</span>
            ) : (
              u.grants.map((g, i) => (
                <span key={`${g.role} ${g.place} ${g.org}`} className={css.grant}>
                  {i > 0 ? ' ' : ''}
                  {words.role(g.role)}
                  <small>{words.scope(g)}</small>
                </span>
              ))
            ),
        },
        { key: 's', title: t.col.state, width: '120px', render: (u) => <UserState user={u} /> },
        ...(selected
          ? []
          : [
              {
                key: 'c',
                title: t.col.since,
                width: '112px',
                render: (u: User) => <span className={css.soft}>{moment(u.created_at)}</span>,
              },
            ]),
      ]}
    />
  );
}
