// One organization beside the list: particulars, whom to call, its workers. Escape closes.
import { Link } from '@tanstack/react-router';
import { Button, Form, Input } from 'antd';
import { useState } from 'react';
import { useMay } from '@/api/me';
import { Facts, Section, SidePanel, useActWords } from '@/design/console';
import { DoorPlate, Loaded, Slot } from '@/design/core';
import { count, moment } from '@/design/format';
import { useLang } from '@/i18n';
import { useTown } from '@/map/town';
import { type OrgDetail, useActors, useAddMember, useOrg, useRemoveMember, useWorkers } from '../api';
import { Now, Phone } from './marks';
import css from './party.module.css';
import { useText } from './text';

export function OrgPanel({ id, onClose }: { id: string; onClose: () => void }) {
  const t = useText();
  const lang = useLang();
  const may = useMay();
  const town = useTown();
  const kinds = useActors().data?.kinds;
  const q = useOrg(id);
  const o = q.data;
  return (
    <SidePanel
      label={t.org.panel}
      head={
        o ? (
          <>
            <h2>{o.name}</h2>
            <DoorPlate label={town.door(o.place)} />
          </>
        ) : null
      }
      onClose={onClose}
      acts={
        may('party.write') ? (
          <Link to={`/parties/orgs/${id}/edit`}>
            <Button>{t.edit}</Button>
          </Link>
        ) : undefined
      }
    >
      <Loaded query={q} rows={6}>
        {(d) => (
          <>
            <Section title={t.org.facts}>
              <Facts
                rows={[
                  [t.col.kind, kinds?.find((k) => k.code === d.kind)?.[lang] ?? d.kind],
                  [t.org.leader, d.leader],
                  [t.org.phone, <Phone key="p" number={d.phone} />],
                  ...(d.address ? ([[t.org.address, d.address]] as [string, string][]) : []),
                  [t.org.uscc, d.uscc],
                  [t.col.state, t.orgState[d.state]],
                  [t.org.since, moment(d.created_at)],
                  [t.org.number, d.id],
                ]}
              />
            </Section>
            <Section title={t.org.members}>
              <Members org={d} />
            </Section>
            <Section title={t.org.staff} note={d.workers ? t.people(count(d.workers)) : undefined}>
              <Staff id={d.id} />
            </Section>
            <Slot name="party.aside" with={{ org: d.id }} />
          </>
        )}
      </Loaded>
    </SidePanel>
  );
}

function Staff({ id }: { id: string }) {
  const t = useText();
  const q = useWorkers({ org: id });
  return (
    <Loaded query={{ data: q.items, error: q.error, refetch: q.refetch }} rows={3}>
      {(rows) =>
        rows.length === 0 ? (
          <p className={css.soft}>{t.org.noStaff}</p>
        ) : (
          <ul className={css.rows}>
            {rows.map((w) => (
              <li key={w.id}>
                <Link to="/parties" search={{ tab: 'workers', sel: w.id } as never}>
                  {w.name}
                </Link>
                <Now worker={w} />
                <small>{w.state === 'active' ? '' : t.state[w.state]}</small>
              </li>
            ))}
          </ul>
        )
      }
    </Loaded>
  );
}

function Members({ org: o }: { org: OrgDetail }) {
  const t = useText().org;
  const may = useMay();
  const add = useAddMember();
  const remove = useRemoveMember();
  const { done, failed } = useActWords();
  const [adding, setAdding] = useState(false);
  const [form] = Form.useForm<{ name: string; duty?: string; phone?: string }>();
  return (
    <>
      {o.members.length === 0 ? <p className={css.soft}>{t.noMembers}</p> : null}
      <ul className={css.rows}>
        {o.members.map((m) => (
          <li key={m.id}>
            <span>
              {m.name} <small>{m.duty}</small>
            </span>
            <Phone number={m.phone} />
            {may('party.write') ? (
              <Button
                size="small"
                type="text"
                onClick={() =>
                  remove.mutate(
                    { org: o.id, member: m.id },
                    { onSuccess: () => done(t.removed(m.name)), onError: failed },
                  )
                }
              >
                {t.remove}
              </Button>
            ) : (
              <span />
            )}
          </li>
        ))}
      </ul>
      {!may('party.write') ? null : adding ? (
        <Form
          form={form}
          className={css.line}
          onFinish={(member) =>
            add.mutate(
              { org: o.id, member },
              {
                onSuccess: () => {
                  done(t.added(member.name));
                  form.resetFields();
                  setAdding(false);
                },
                onError: failed,
              },
            )
          }
        >
          <Form.Item name="name" noStyle rules={[{ required: true, whitespace: true }]}>
            <Input autoFocus aria-label={t.name} placeholder={t.name} maxLength={40} />
          </Form.Item>
          <Form.Item name="duty" noStyle>
            <Input aria-label={t.duty} placeholder={t.duty} maxLength={40} />
          </Form.Item>
          <Form.Item name="phone" noStyle>
            <Input aria-label={t.phone} placeholder={t.phone} inputMode="tel" maxLength={20} />
          </Form.Item>
          <Button htmlType="submit">{t.add}</Button>
        </Form>
      ) : (
        <Button size="small" onClick={() => setAdding(true)}>
          {t.addMember}
        </Button>
      )}
    </>
  );
}
