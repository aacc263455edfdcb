// What the hub knows of the resident and of those they act for; consents end with two presses, everything is read aloud on wish.
import { useState } from 'react';
import { useMe } from '@/api/me';
import { Loaded } from '@/design/core';
import { StatePanel } from '@/design/core/StatePanel';
import { NoticeBar } from '@/design/mobile/Bars';
import { Card } from '@/design/mobile/Card';
import { ChoiceCards } from '@/design/mobile/Field';
import { Page } from '@/design/mobile/Page';
import { go, useHere } from '@/design/mobile/router';
import { useLang } from '@/i18n';
import { type Detail, useCodes, useResident, useResidents } from '../api';
import { careRows, groupWords, nameOf } from '../words';
import { Consents } from './Consents';
import css from './info.module.css';
import { Proxies } from './Proxies';
import { useText } from './text';

export function InfoPage() {
  const t = useText();
  const me = useMe().data;
  const { search } = useHere();
  const people = useResidents({}); // oneself and those one acts for
  const rows = [...(people.items ?? [])].sort(
    (a, b) => Number(b.id === me?.resident) - Number(a.id === me?.resident),
  );
  const id = (rows.find((p) => p.id === search.get('of')) ?? rows[0])?.id;
  const q = useResident(id);
  const [said, setSaid] = useState<string>();
  const own = id === me?.resident;
  return (
    <Page title={t.title} tabs>
      <Loaded
        query={{ data: people.items, error: people.error, refetch: people.refetch }}
        rows={8}
        empty={<StatePanel state="setup" title={t.none} />}
      >
        {() => (
          <>
            {rows.length > 1 ? (
              <ChoiceCards
                label={t.whose}
                value={id}
                onChange={(v) => {
                  setSaid(undefined);
                  go(`/h/info?of=${v}`, { replace: true });
                }}
                choices={rows.map((p) => ({ value: p.id, title: p.id === me?.resident ? t.me : nameOf(p) }))}
              />
            ) : null}
            {said ? <NoticeBar>{said}</NoticeBar> : null}
            <Loaded query={q} rows={8}>
              {(r) => (
                <>
                  <Consents resident={r} own={own} onSaid={setSaid} />
                  <Proxies resident={r} own={own} onSaid={setSaid} />
                  <Known resident={r} />
                  <Contacts resident={r} />
                  <Sealed resident={r} />
                </>
              )}
            </Loaded>
          </>
        )}
      </Loaded>
    </Page>
  );
}

function Known({ resident: r }: { resident: Detail }) {
  const t = useText();
  const lang = useLang();
  const codes = useCodes().data;
  return (
    <Card title={t.known}>
      <dl className={css.facts}>
        <dt>{t.name}</dt>
        <dd>{r.name}</dd>
        <dt>{t.phone}</dt>
        <dd>{r.phone || t.nothing}</dd>
        <dt>{t.home}</dt>
        <dd>{r.door}</dd>
        <dt>{t.birth}</dt>
        <dd>{r.birth || t.nothing}</dd>
        <dt>{t.groups}</dt>
        <dd>{groupWords(codes, r.groups, lang) || t.nothing}</dd>
      </dl>
      <p className={css.note}>{t.knownNote}</p>
    </Card>
  );
}

function Contacts({ resident: r }: { resident: Detail }) {
  const t = useText();
  return (
    <Card title={t.contacts}>
      {r.contacts.length === 0 ? <p className={css.note}>{t.noContacts}</p> : null}
      <dl className={css.facts}>
        {r.contacts.map((c) => (
          <div key={c.id} className={css.pair}>
            <dt>
              {c.name} <small>{c.relation}</small>
            </dt>
            <dd>{c.phone}</dd>
          </div>
        ))}
      </dl>
    </Card>
  );
}

function Sealed({ resident: r }: { resident: Detail }) {
  const t = useText();
  const lang = useLang();
  const codes = useCodes().data;
  const rows = careRows(r, codes, lang);
  return (
    <Card title={t.sealed}>
      <dl className={css.facts}>
        {rows.map(([k, v]) => (
          <div key={k} className={css.pair}>
            <dt>{k}</dt>
            <dd>{v}</dd>
          </div>
        ))}
      </dl>
      <p className={css.note}>{t.sealedNote}</p>
    </Card>
  );
}
