// The demonstration's door: step into any role with one press. Tab and Enter work; the server allows it on loopback only.
import { useMutation, useQuery } from '@tanstack/react-query';
import { wordsOf } from '@/api/client';
import { type DemoPerson, demoPeople, type Me, stepInto } from '@/api/me';
import { Icon, Loaded } from '@/design/core';
import { useLang } from '@/i18n';
import { Door } from './Door';
import css from './door.module.css';
import { useText } from './text';

/** Those who work with the hub all day come first; the rest as the server lists them. */
const daily = ['duty-officer', 'dispatcher', 'street-director', 'community-secretary', 'data-steward'];
const rank = (p: DemoPerson) => (daily.indexOf(p.role) + daily.length + 1) % (daily.length + 1);
const byUse = (a: DemoPerson, b: DemoPerson) => rank(a) - rank(b);

export function Demo({ onDone }: { onDone: (me: Me, page: string) => void }) {
  const t = useText().demo;
  const lang = useLang();
  const people = useQuery({ queryKey: ['demo', 'roles'], queryFn: demoPeople, retry: false });
  const act = useMutation({
    mutationFn: (p: DemoPerson) => stepInto(p.user),
    onSuccess: (me, p) => onDone(me, p.page),
  });
  const groups: [string, string][] = [
    ['/', t.desk],
    ['/w/', t.worker],
    ['/h/', t.home],
  ];
  return (
    <Door title={t.title} wide>
      <p className={css.help}>{t.lead}</p>
      {act.error ? (
        <p className={css.error} role="alert">
          {wordsOf(act.error)}
        </p>
      ) : null}
      <Loaded query={people} rows={6} isEmpty={(d) => d.items.length === 0} empty={t.not}>
        {({ items }) => (
          <div className={css.roles}>
            {groups.map(([page, title]) => {
              const rows = items.filter((p) => (p.page || '/') === page).sort(byUse);
              return rows.length ? (
                <section key={page}>
                  <h2>{title}</h2>
                  <ul>
                    {rows.map((p) => (
                      <li key={p.user + p.role}>
                        <button type="button" disabled={act.isPending} onClick={() => act.mutate(p)}>
                          <span>{lang === 'zh' ? p.zh : p.en}</span>
                          <small>{p.name}</small>
                          <Icon name="next" size={16} />
                        </button>
                      </li>
                    ))}
                  </ul>
                </section>
              ) : null;
            })}
          </div>
        )}
      </Loaded>
    </Door>
  );
}
