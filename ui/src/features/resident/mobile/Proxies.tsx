// Who may act for the resident; one may be added, and ended with two presses.
import { useState } from 'react';
import { Problem } from '@/api/client';
import { useMay } from '@/api/me';
import { Failed } from '@/design/core/StatePanel';
import { millis, moment } from '@/design/format';
import { BigButton } from '@/design/mobile/Button';
import { Card } from '@/design/mobile/Card';
import { Field } from '@/design/mobile/Field';
import { Sheet } from '@/design/mobile/Sheet';
import { type Detail, type Stand, useAddProxy, useEndProxy } from '../api';
import { nameOf } from '../words';
import css from './info.module.css';
import { useText } from './text';

export function Proxies({
  resident: r,
  own,
  onSaid,
}: {
  resident: Detail;
  own: boolean;
  onSaid: (words: string) => void;
}) {
  const t = useText();
  const may = useMay();
  const [ending, setEnding] = useState<Stand>();
  const [adding, setAdding] = useState(false);
  const standing = r.proxies.filter((p) => millis(p.ended_at) === undefined);
  const say = (words: string) => {
    setEnding(undefined);
    setAdding(false);
    onSaid(words);
    scrollTo(0, 0);
  };
  return (
    <Card title={own ? t.proxies : t.proxiesOf(nameOf(r))}>
      {standing.length === 0 ? <p className={css.note}>{t.noProxies}</p> : null}
      <ul className={css.consents}>
        {standing.map((p) => (
          <li key={p.id}>
            <span>
              {p.name}
              <small>{[p.relation, t.proxySince(moment(p.from))].filter(Boolean).join(' · ')}</small>
            </span>
            {own && may('resident.consent') ? (
              <button type="button" className={css.act} onClick={() => setEnding(p)}>
                {t.proxyEnd}
              </button>
            ) : null}
          </li>
        ))}
      </ul>
      {own && may('resident.consent') ? (
        <BigButton quiet icon="plus" onPress={() => setAdding(true)}>
          {t.proxyAdd}
        </BigButton>
      ) : null}
      {ending ? (
        <EndSheet id={r.id} stand={ending} onClose={() => setEnding(undefined)} onSaid={say} />
      ) : null}
      {adding ? <AddSheet id={r.id} onClose={() => setAdding(false)} onSaid={say} /> : null}
    </Card>
  );
}

function EndSheet({
  id,
  stand,
  onClose,
  onSaid,
}: {
  id: string;
  stand: Stand;
  onClose: () => void;
  onSaid: (words: string) => void;
}) {
  const t = useText();
  const end = useEndProxy();
  return (
    <Sheet
      title={t.proxyEndTitle(stand.name)}
      onClose={onClose}
      acts={
        <>
          <BigButton quiet onPress={onClose}>
            {t.proxyKeep}
          </BigButton>
          <BigButton
            busy={end.isPending}
            onPress={() =>
              end.mutate({ id, proxy: stand.id }, { onSuccess: () => onSaid(t.proxyEnded(stand.name)) })
            }
          >
            {t.proxyEnd}
          </BigButton>
        </>
      }
    >
      {end.error ? <Failed error={end.error} inline /> : null}
      <p>{t.proxyEndNote}</p>
    </Sheet>
  );
}

function AddSheet({
  id,
  onClose,
  onSaid,
}: {
  id: string;
  onClose: () => void;
  onSaid: (words: string) => void;
}) {
  const t = useText();
  const add = useAddProxy();
  const [name, setName] = useState('');
  const [relation, setRelation] = useState('');
  const [phone, setPhone] = useState('');
  const fault = add.error instanceof Problem ? add.error : undefined;
  const at = (field: string) => (fault?.field.replace(/^body\./, '') === field ? fault.words : undefined);
  return (
    <Sheet
      title={t.proxyAdd}
      onClose={onClose}
      acts={
        <BigButton
          busy={add.isPending}
          disabled={name.trim() === ''}
          onPress={() =>
            add.mutate(
              {
                id,
                proxy: {
                  name: name.trim(),
                  relation: relation.trim() || undefined,
                  phone: phone.trim() || undefined,
                },
              },
              { onSuccess: () => onSaid(t.proxyAdded(name.trim())) },
            )
          }
        >
          {t.proxyGo}
        </BigButton>
      }
    >
      {add.error && !at('name') && !at('phone') ? <Failed error={add.error} inline /> : null}
      <Field label={t.proxyName} value={name} onChange={setName} maxLength={40} error={at('name')} />
      <Field label={t.proxyRelation} value={relation} onChange={setRelation} maxLength={20} optional />
      <Field
        label={t.proxyPhone}
        value={phone}
        onChange={setPhone}
        type="tel"
        maxLength={20}
        optional
        error={at('phone')}
      />
    </Sheet>
  );
}
