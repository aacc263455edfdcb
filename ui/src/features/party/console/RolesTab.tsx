// Who acts in which module: accountable, does, is asked, is told. Under it the part, the rights and the limits of each kind of actor.
import { Panel, Wide } from '@/design/console';
import { Loaded } from '@/design/core';
import { useLang } from '@/i18n';
import { type Module, useActors, useModules } from '../api';
import { rolesOf } from '../roles';
import css from './party.module.css';
import { useText } from './text';

export function RolesTab() {
  const t = useText();
  const modules = useModules();
  const actors = useActors();
  return (
    <Loaded query={modules} rows={8}>
      {({ modules: list }) => (
        <Loaded query={actors} rows={8}>
          {({ kinds, roles }) => (
            <>
              <Panel flush title={t.roles.note} note={t.roles.legend}>
                <Matrix modules={list} names={[...kinds, ...roles]} />
              </Panel>
              <Panel flush title={t.roles.rights}>
                <Rights />
              </Panel>
            </>
          )}
        </Loaded>
      )}
    </Loaded>
  );
}

function Matrix({
  modules,
  names,
}: {
  modules: Module[];
  names: { code: string; zh: string; en: string }[];
}) {
  const t = useText().roles;
  const lang = useLang();
  const note = (m: Module) => (lang === 'zh' ? m.note_zh : m.note_en);
  return (
    <Wide label={t.note}>
      <table className={css.roles}>
        <thead>
          <tr>
            <th scope="col">{t.who}</th>
            {modules.map((m) => (
              <th key={m.code} scope="col">
                {m[lang]}
                {note(m) ? <small>{note(m)}</small> : null}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rolesOf(modules, names, lang).map((row) => (
            <tr key={row.who}>
              <th scope="row">{row.name}</th>
              {row.cells.map((acts, i) => (
                <td key={modules[i]?.code}>
                  {acts.map((a) => (
                    <span key={a.part + a.note} data-part={a.part}>
                      <b>{a.part}</b> {t.part[a.part]}
                      {a.note ? <small> {a.note}</small> : null}
                    </span>
                  ))}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </Wide>
  );
}

function Rights() {
  const t = useText();
  const lang = useLang();
  const kinds = useActors().data?.kinds ?? [];
  const zh = lang === 'zh';
  return (
    <Wide label={t.roles.rights}>
      <table className={css.roles}>
        <thead>
          <tr>
            <th scope="col">{t.kinds}</th>
            <th scope="col">{t.kindRole}</th>
            <th scope="col">{t.kindMay}</th>
            <th scope="col">{t.kindNever}</th>
          </tr>
        </thead>
        <tbody>
          {kinds.map((k) => (
            <tr key={k.code}>
              <th scope="row">{k[lang]}</th>
              <td>{zh ? k.role_zh : k.role_en}</td>
              <td>{zh ? k.may_zh : k.may_en}</td>
              <td>{zh ? k.never_zh : k.never_en}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </Wide>
  );
}
