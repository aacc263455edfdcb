// Who to call for a resident and who may act for them. Names are added in one line; Enter adds.
import { Button, Form, Input } from 'antd';
import { useState } from 'react';
import { useMay } from '@/api/me';
import { useActWords } from '@/design/console';
import { millis, moment } from '@/design/format';
import {
  type Contact,
  type Detail,
  type Stand,
  useAddContact,
  useAddProxy,
  useEndProxy,
  useRemoveContact,
} from '../api';
import { useText as useWords } from '../text';
import { Phone } from './parts';
import css from './resident.module.css';
import { useText } from './text';

export function Contacts({ resident: r }: { resident: Detail }) {
  const t = useText();
  const w = useWords();
  const may = useMay();
  const { done, failed } = useActWords();
  const remove = useRemoveContact();
  const add = useAddContact();
  const drop = (c: Contact) =>
    remove.mutate({ id: r.id, contact: c.id }, { onSuccess: () => done(t.removed(c.name)), onError: failed });
  return (
    <>
      {r.contacts.length === 0 ? <p className={css.soft}>{t.noContacts}</p> : null}
      <ul className={css.rows}>
        {r.contacts.map((c, i) => (
          <li key={c.id}>
            <span>
              {c.name}
              <small>
                {[c.relation, i === 0 && r.contacts.length > 1 ? w.first : ''].filter(Boolean).join(' · ')}
              </small>
            </span>
            <Phone number={c.phone} />
            {may('resident.write') ? (
              <Button size="small" type="text" onClick={() => drop(c)}>
                {t.remove}
              </Button>
            ) : (
              <span />
            )}
          </li>
        ))}
      </ul>
      {may('resident.write') ? (
        <AddLine
          act={t.addContact}
          needPhone
          onAdd={(v, clear) =>
            add.mutate(
              { id: r.id, contact: { name: v.name, relation: v.relation, phone: v.phone ?? '' } },
              {
                onSuccess: () => {
                  done(t.added(v.name));
                  clear();
                },
                onError: failed,
              },
            )
          }
        />
      ) : null}
    </>
  );
}

export function Proxies({ resident: r }: { resident: Detail }) {
  const t = useText();
  const w = useWords();
  const may = useMay();
  const { done, failed } = useActWords();
  const end = useEndProxy();
  const add = useAddProxy();
  const on = (p: Stand) => millis(p.ended_at) === undefined;
  return (
    <>
      {r.proxies.length === 0 ? <p className={css.soft}>{t.noProxies}</p> : null}
      <ul className={css.rows}>
        {r.proxies.map((p) => (
          <li key={p.id} data-ended={!on(p)}>
            <span>
              {p.name}
              <small>{p.relation}</small>
            </span>
            <small>
              {on(p)
                ? `${p.user ? t.withAccount : t.noAccount} · ${w.since(moment(p.from))}`
                : w.ended(moment(p.ended_at))}
            </small>
            {on(p) && may('resident.consent') ? (
              <Button
                size="small"
                type="text"
                onClick={() =>
                  end.mutate(
                    { id: r.id, proxy: p.id },
                    { onSuccess: () => done(t.proxyEnded(p.name)), onError: failed },
                  )
                }
              >
                {t.endProxy}
              </Button>
            ) : (
              <span />
            )}
          </li>
        ))}
      </ul>
      {may('resident.consent') ? (
        <AddLine
          act={t.addProxy}
          withUser
          onAdd={(v, clear) =>
            add.mutate(
              { id: r.id, proxy: v },
              {
                onSuccess: () => {
                  done(t.added(v.name));
                  clear();
                },
                onError: failed,
              },
            )
          }
        />
      ) : null}
    </>
  );
}

interface Line {
  name: string;
  relation?: string;
  phone?: string;
  user?: string;
}

/** A button that becomes a line of fields. */
function AddLine({
  act,
  needPhone,
  withUser,
  onAdd,
}: {
  act: string;
  needPhone?: boolean;
  withUser?: boolean;
  onAdd: (v: Line, clear: () => void) => void;
}) {
  const t = useText();
  const [open, setOpen] = useState(false);
  const [form] = Form.useForm<Line>();
  if (!open) {
    return (
      <Button size="small" onClick={() => setOpen(true)}>
        {act}
      </Button>
    );
  }
  const clean = (v: Line): Line =>
    Object.fromEntries(
      Object.entries(v)
        .map(([k, x]) => [k, (x as string | undefined)?.trim()])
        .filter(([, x]) => x),
    ) as unknown as Line;
  return (
    <Form<Line>
      form={form}
      className={css.add}
      onFinish={(v) =>
        onAdd(clean(v), () => {
          form.resetFields();
          setOpen(false);
        })
      }
    >
      <Form.Item name="name" noStyle rules={[{ required: true, whitespace: true }]}>
        <Input autoFocus aria-label={t.name} placeholder={t.name} maxLength={40} />
      </Form.Item>
      <Form.Item name="relation" noStyle>
        <Input aria-label={t.relation} placeholder={t.relationHint} maxLength={20} />
      </Form.Item>
      <Form.Item name="phone" noStyle rules={needPhone ? [{ required: true, min: 5 }] : []}>
        <Input aria-label={t.phone} placeholder={t.phone} inputMode="tel" maxLength={40} />
      </Form.Item>
      {withUser ? (
        <Form.Item name="user" noStyle>
          <Input aria-label={t.user} placeholder={t.user} title={t.userHint} maxLength={40} />
        </Form.Item>
      ) : null}
      <Button htmlType="submit">{t.add}</Button>
    </Form>
  );
}
