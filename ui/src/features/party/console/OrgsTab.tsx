// Organizations by the kinds of actors. A kind on the left narrows the list and says its part, its rights and its limits. ↑↓ move.
import { useScope } from '@/api/scope';
import { Panel, WorkList } from '@/design/console';
import { DoorPlate, Loaded } from '@/design/core';
import { count } from '@/design/format';
import { useLang } from '@/i18n';
import { useTown } from '@/map/town';
import { type ActorKind, type Org, useActors, useOrgs } from '../api';
import css from './party.module.css';
import { orgFilter, type Search } from './search';
import { useText } from './text';

export function OrgsTab({
  search: s,
  onKind,
  onSelect,
}: {
  search: Search;
  onKind: (kind: string | undefined) => void;
  onSelect: (id: string) => void;
}) {
  const t = useText();
  const lang = useLang();
  const town = useTown();
  const scope = useScope();
  const kinds = useActors().data?.kinds ?? [];
  const all = useOrgs(orgFilter({ ...s, kind: undefined }, scope));
  const rows = all.items?.filter((o) => !s.kind || o.kind === s.kind);
  const kind = kinds.find((k) => k.code === s.kind);
  const kindName = (code: string) => kinds.find((k) => k.code === code)?.[lang] ?? code;
  return (
    <div className={css.orgs}>
      <Kinds kinds={kinds} orgs={all.items ?? []} value={s.kind} onChange={onKind} />
      <div className={css.stack}>
        {kind ? <KindNote kind={kind} /> : null}
        <Panel flush>
          <Loaded query={{ data: rows, error: all.error, refetch: all.refetch }} rows={8}>
            {(list) => (
              <WorkList<Org>
                label={t.tab.orgs}
                rows={list}
                id={(o) => o.id}
                selected={s.sel}
                onSelect={(o) => onSelect(o.id)}
                empty={t.noOrgs}
                more={all.hasNextPage}
                onMore={() => void all.fetchNextPage()}
                columns={[
                  {
                    key: 'n',
                    title: t.col.name,
                    width: 'minmax(152px, 1.2fr)',
                    render: (o) => <b>{o.name}</b>,
                  },
                  ...(s.kind
                    ? []
                    : [
                        {
                          key: 'k',
                          title: t.col.kind,
                          width: 'minmax(128px, 1fr)',
                          render: (o: Org) => kindName(o.kind),
                        },
                      ]),
                  ...(s.sel
                    ? []
                    : [
                        {
                          key: 'p',
                          title: t.col.where,
                          width: 'minmax(120px, 1fr)',
                          render: (o: Org) => <DoorPlate label={town.door(o.place)} />,
                        },
                      ]),
                  {
                    key: 'w',
                    title: t.col.workers,
                    width: '64px',
                    right: true,
                    render: (o) => (o.workers ? count(o.workers) : '—'),
                  },
                  { key: 's', title: t.col.state, width: '72px', render: (o) => t.orgState[o.state] },
                ]}
              />
            )}
          </Loaded>
        </Panel>
      </div>
    </div>
  );
}

/** The twelve kinds by side, and those who supervise, each with how many stand in the register. */
function Kinds({
  kinds,
  orgs,
  value,
  onChange,
}: {
  kinds: readonly ActorKind[];
  orgs: readonly Org[];
  value: string | undefined;
  onChange: (kind: string | undefined) => void;
}) {
  const t = useText();
  const lang = useLang();
  const sides: [string, ActorKind[]][] = (['1', '3', 'N', '0', 's'] as const).map((side) => [
    side,
    kinds.filter((k) => (k.supervises ? 's' : k.side) === side),
  ]);
  const item = (code: string | undefined, name: string, n: number) => (
    <button
      type="button"
      key={code ?? ''}
      aria-pressed={value === code}
      onClick={() => onChange(value === code ? undefined : code)}
    >
      <span>{name}</span>
      {n > 0 ? <small>{count(n)}</small> : null}
    </button>
  );
  return (
    <nav className={css.kinds} aria-label={t.kinds}>
      {item(undefined, t.allKinds, orgs.length)}
      {sides
        .filter(([, list]) => list.length > 0)
        .map(([side, list]) => (
          <div key={side}>
            <p>{t.side[side]}</p>
            {list.map((k) => item(k.code, k[lang], orgs.filter((o) => o.kind === k.code).length))}
          </div>
        ))}
    </nav>
  );
}

/** What a kind of actor does, may do and must never do. */
export function KindNote({ kind: k }: { kind: ActorKind }) {
  const t = useText();
  const lang = useLang();
  return (
    <Panel title={k[lang]}>
      <dl className={css.note}>
        <dt>{t.kindRole}</dt>
        <dd>{lang === 'zh' ? k.role_zh : k.role_en}</dd>
        <dt>{t.kindMay}</dt>
        <dd>{lang === 'zh' ? k.may_zh : k.may_en}</dd>
        <dt>{t.kindNever}</dt>
        <dd>{lang === 'zh' ? k.never_zh : k.never_en}</dd>
      </dl>
    </Panel>
  );
}
