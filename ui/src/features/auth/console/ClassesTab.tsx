// How much each kind of actor sees of each class of data, in words. No controls.
import { Panel, Wide } from '@/design/console';
import { Loaded } from '@/design/core';
import { useLang } from '@/i18n';
import { useActors, usePolicy } from '../api';
import { useText } from '../text';
import css from './auth.module.css';

export function ClassesTab() {
  const t = useText().classes;
  const lang = useLang();
  const policy = usePolicy();
  const actors = useActors().data;
  const name = (code: string) =>
    code === 'public' ? t.public : (actors?.find((a) => a.code === code)?.[lang] ?? code);
  const order = (code: string) => {
    const i = actors?.findIndex((a) => a.code === code) ?? -1;
    return i < 0 ? 99 : i;
  };
  const classes = Object.keys(t.names);
  return (
    <Loaded query={policy} rows={12}>
      {(p) => (
        <Panel flush title={t.title} note={t.note}>
          <Wide label={t.title} maxHeight="calc(100vh - 220px)">
            <table className={css.classes}>
              <thead>
                <tr>
                  <th scope="col">{t.actor}</th>
                  {classes.map((c) => (
                    <th key={c} scope="col">
                      {c}
                      <small>{t.names[c]}</small>
                    </th>
                  ))}
                </tr>
              </thead>
              <tbody>
                {Object.keys(p.classes)
                  .sort((a, b) => order(a) - order(b))
                  .map((code) => (
                    <tr key={code}>
                      <th scope="row">{name(code)}</th>
                      {classes.map((c) => {
                        const sight = p.classes[code]?.[c] ?? 'x';
                        return (
                          <td key={c} data-sight={sight}>
                            {t.sight[sight]}
                          </td>
                        );
                      })}
                    </tr>
                  ))}
              </tbody>
            </table>
          </Wide>
          <p className={css.foot}>{t.legend}</p>
        </Panel>
      )}
    </Loaded>
  );
}
