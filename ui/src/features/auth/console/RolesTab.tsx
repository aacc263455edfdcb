// Which role may do what, as a table to read: permissions down, roles across; with a role chosen, that role alone. No controls.
import { Panel, Wide } from '@/design/console';
import { Loaded } from '@/design/core';
import { count } from '@/design/format';
import { useLang } from '@/i18n';
import { type Policy, usePolicy, useUsers } from '../api';
import { useText } from '../text';
import css from './auth.module.css';

export function RolesTab({ role }: { role: string | undefined }) {
  const q = usePolicy();
  return (
    <Loaded query={q} rows={12}>
      {(p) => (role && p.roles[role] ? <One policy={p} code={role} /> : <Matrix policy={p} />)}
    </Loaded>
  );
}

/** Permissions by the noun before the dot, in the order of our own list of nouns. */
function useGroups(p: Policy): [string, string, [string, { zh: string; en: string }][]][] {
  const t = useText().roles;
  const known = Object.keys(t.groups);
  const all = Object.entries(p.permissions);
  const nouns = [...new Set(all.map(([code]) => code.split('.')[0] ?? ''))];
  const at = (n: string) => (known.includes(n) ? known.indexOf(n) : known.length);
  return nouns
    .sort((a, b) => at(a) - at(b))
    .map((n) => [n, t.groups[n] ?? n, all.filter(([code]) => code.startsWith(`${n}.`))]);
}

function Matrix({ policy: p }: { policy: Policy }) {
  const t = useText().roles;
  const lang = useLang();
  const groups = useGroups(p);
  const roles = Object.entries(p.roles).sort(([, a], [, b]) => (b.may?.length ?? 0) - (a.may?.length ?? 0));
  return (
    <Panel flush title={t.title} note={t.note}>
      <Wide label={t.title} maxHeight="calc(100vh - 220px)">
        <table className={css.matrix}>
          <thead>
            <tr>
              <th scope="col">{t.permission}</th>
              {roles.map(([code, r]) => (
                <th key={code} scope="col" title={t.reaches[r.reach]}>
                  <span>{r[lang]}</span>
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {groups.map(([noun, name, list]) => [
              <tr key={noun} className={css.group}>
                <th scope="rowgroup" colSpan={roles.length + 1}>
                  {name}
                </th>
              </tr>,
              ...list.map(([code, words]) => (
                <tr key={code}>
                  <th scope="row">{words[lang]}</th>
                  {roles.map(([role, r]) => (
                    <td key={role}>
                      {r.may?.includes(code) ? (
                        <i title={`${r[lang]} · ${words[lang]}`}>
                          <span className="sr-only">{t.yes}</span>
                        </i>
                      ) : null}
                    </td>
                  ))}
                </tr>
              )),
            ])}
          </tbody>
        </table>
      </Wide>
    </Panel>
  );
}

/** One role in words: how it comes to rows, what it may do. */
function One({ policy: p, code }: { policy: Policy; code: string }) {
  const t = useText().roles;
  const lang = useLang();
  const groups = useGroups(p);
  const r = p.roles[code];
  const holders = useUsers().items?.filter((u) => u.grants.some((g) => g.role === code)).length;
  if (!r) return null;
  return (
    <Panel
      title={t.one(r[lang])}
      note={[
        `${t.reach} ${t.reaches[r.reach] ?? r.reach}`,
        holders === undefined ? '' : t.holders(count(holders)),
      ]
        .filter(Boolean)
        .join(' · ')}
    >
      <dl className={css.may}>
        {groups.map(([noun, name, list]) => {
          const mine = list.filter(([perm]) => r.may?.includes(perm));
          return mine.length > 0 ? (
            <div key={noun}>
              <dt>{name}</dt>
              <dd>{mine.map(([, w]) => w[lang]).join(lang === 'zh' ? '、' : ', ')}</dd>
            </div>
          ) : null;
        })}
      </dl>
    </Panel>
  );
}
