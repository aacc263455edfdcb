// Registers what a caller says: their words first, read while they are typed; everything read is filled in and can be changed. Ctrl Enter registers.
import { Link, useNavigate } from '@tanstack/react-router';
import { Button, Form, Input, Segmented } from 'antd';
import { useEffect, useState } from 'react';
import { Problem, wordsOf } from '@/api/client';
import { useCatalogNames } from '@/api/names';
import { dropDraft, loadDraft, saveDraft } from '@/api/outbox';
import { Page, Panel, Section, useActWords } from '@/design/console';
import { moment } from '@/design/format';
import { type Demand, type Raise, useDemands, useRaise } from '../api';
import { useText as useWords } from '../text';
import { useReading } from '../useReading';
import { oneLine } from '../words';
import { BackTitle } from './BackTitle';
import css from './demand.module.css';
import { PlaceSelect } from './PlaceSelect';
import { DangerBar, Reading } from './Reading';
import { ResidentSelect } from './ResidentSelect';
import { SpecSelect } from './SpecSelect';
import { useText } from './text';
import { WishFields } from './WishFields';

interface Entry {
  text: string;
  resident?: string;
  /** Name and door of the chosen resident, to show them again after a reload. */
  known?: string;
  name: string;
  phone: string;
  spec?: string;
  place?: string;
  from?: string;
  to?: string;
  urgency?: number;
}

const blank: Entry = { text: '', name: '', phone: '' };
const draftKey = 'demand.raise';

export function RaisePage() {
  const t = useText();
  const w = useWords();
  const navigate = useNavigate();
  const say = useActWords();
  const raise = useRaise();
  const names = useCatalogNames();
  const [f, setForm] = useState<Entry>(blank);
  const [listed, setListed] = useState(true);
  const reading = useReading(f.text);
  const read = f.text.trim() ? reading.data : undefined;
  const set = (patch: Partial<Entry>) => setForm((old) => ({ ...old, ...patch }));

  useEffect(() => {
    void loadDraft<Entry>(draftKey).then((d) => d?.text && setForm(d));
  }, []);
  useEffect(() => {
    const id = setTimeout(() => void (f.text ? saveDraft(draftKey, f) : dropDraft(draftKey)), 500);
    return () => clearTimeout(id);
  }, [f]);

  const send = () =>
    raise.mutate(bodyOf(f, listed), {
      onSuccess: (d) => {
        void dropDraft(draftKey);
        setForm(blank);
        say.done(wordsFor(d, t.raise.did));
        void navigate(
          d.state === 'queued'
            ? { to: '/demands', search: { sel: d.id } as never }
            : { to: `/demands/${d.id}` },
        );
      },
    });
  const fault = raise.error instanceof Problem ? raise.error : undefined;
  const at = (field: string) => (fault?.field === field ? wordsOf(fault) : undefined);
  const item = (field: string) => ({
    validateStatus: at(field) ? ('error' as const) : undefined,
    help: at(field),
  });
  const where = f.place ?? read?.place;
  const ready = f.text.trim() !== '' || f.spec !== undefined;
  const missing = [
    where || f.resident ? '' : t.raise.needPlace,
    f.resident || f.name ? '' : t.raise.needPerson,
  ].filter(Boolean);

  return (
    <Page
      title={
        <BackTitle>
          <b>{t.raise.title}</b>
        </BackTitle>
      }
      act={
        <>
          <Button onClick={() => setForm(blank)}>{t.raise.clear}</Button>
          <Button type="primary" disabled={!ready} loading={raise.isPending} onClick={send}>
            {t.raise.submit}
          </Button>
        </>
      }
    >
      <div className={css.columns}>
        <Panel>
          <Form layout="vertical" className={css.form}>
            <Form.Item label={t.raise.text} htmlFor="raise-text" {...item('text')}>
              <Input.TextArea
                id="raise-text"
                autoFocus
                rows={6}
                maxLength={5000}
                placeholder={t.raise.textHint}
                value={f.text}
                onChange={(e) => set({ text: e.target.value })}
                onKeyDown={(e) => {
                  if (e.key === 'Enter' && (e.ctrlKey || e.metaKey) && ready && !raise.isPending) send();
                }}
              />
            </Form.Item>
            <Form.Item
              label={t.raise.who}
              htmlFor={listed ? 'raise-resident' : 'raise-name'}
              extra={
                <Button type="link" size="small" onClick={() => setListed(!listed)}>
                  {listed ? t.raise.notListed : t.raise.listed}
                </Button>
              }
              {...item('for_resident')}
            >
              {listed ? (
                <ResidentSelect
                  id="raise-resident"
                  value={f.resident}
                  known={f.known}
                  onChange={(resident, r) =>
                    set({
                      resident,
                      known: r ? [r.title || r.name, r.door].filter(Boolean).join(' · ') : undefined,
                    })
                  }
                />
              ) : (
                <div className={css.pair}>
                  <Input
                    id="raise-name"
                    aria-label={t.raise.callerName}
                    placeholder={t.raise.callerName}
                    maxLength={60}
                    value={f.name}
                    onChange={(e) => set({ name: e.target.value })}
                  />
                  <Input
                    aria-label={t.raise.callerPhone}
                    placeholder={t.raise.callerPhone}
                    inputMode="tel"
                    maxLength={30}
                    value={f.phone}
                    onChange={(e) => set({ phone: e.target.value })}
                  />
                </div>
              )}
            </Form.Item>
            <Form.Item label={t.place} htmlFor="raise-place" {...item('place')}>
              <PlaceSelect id="raise-place" value={where} onChange={(place) => set({ place })} />
            </Form.Item>
            <Form.Item label={t.spec} htmlFor="raise-spec" {...item('spec')}>
              <SpecSelect
                id="raise-spec"
                value={f.spec}
                hint={read?.spec ? t.raise.readAs(names.spec(read.spec)) : undefined}
                onChange={(spec) => set({ spec })}
              />
            </Form.Item>
            <Form.Item label={t.wish} {...item('wish')}>
              <WishFields
                value={{ from: f.from ?? iso(read?.wish_from), to: f.to ?? iso(read?.wish_to) }}
                onChange={(v) => set(v)}
              />
            </Form.Item>
            <Form.Item label={t.urgency}>
              <Segmented
                block
                aria-label={t.urgency}
                value={f.urgency ?? read?.urgency ?? 1}
                onChange={(urgency) => set({ urgency })}
                options={w.urgency.map((label, value) => ({ label, value }))}
              />
            </Form.Item>
            {fault && !['text', 'for_resident', 'place', 'spec', 'wish'].includes(fault.field) ? (
              <p className={css.fault} role="alert">
                {wordsOf(fault)}
              </p>
            ) : null}
          </Form>
        </Panel>
        <Panel title={t.raise.reading} note={read && missing.length > 0 ? missing.join('，') : undefined}>
          {read ? (
            <>
              {read.danger?.length ? <DangerBar words={read.danger} /> : null}
              <Reading read={read} onUse={(g) => g.spec && set({ spec: g.spec })} />
            </>
          ) : (
            <p className={css.soft}>{t.raise.waiting}</p>
          )}
          {listed && f.resident ? <Before resident={f.resident} /> : null}
        </Panel>
      </div>
    </Page>
  );
}

/** What this resident asked for lately: perhaps the same thing is already under way. */
function Before({ resident }: { resident: string }) {
  const t = useText();
  const w = useWords();
  const names = useCatalogNames();
  const rows = useDemands({ resident, sort: 'new' }).items?.slice(0, 5);
  if (!rows?.length) return null;
  return (
    <Section title={t.raise.before}>
      <ul className={css.before}>
        {rows.map((d) => (
          <li key={d.id}>
            <Link to={`/demands/${d.id}`}>{d.spec ? names.spec(d.spec) : oneLine(d)}</Link>
            <small className={css.soft}>
              {moment(d.raised_at)} · {w.state[d.state]}
            </small>
          </li>
        ))}
      </ul>
    </Section>
  );
}

const iso = (ms: number | undefined) => (ms ? new Date(ms).toISOString() : undefined);

/** What is sent: the words and what was chosen by hand. What was only read, the server reads again itself. */
function bodyOf(f: Entry, listed: boolean): Raise {
  return {
    text: f.text.trim() || undefined,
    spec: f.spec,
    for_resident: listed ? f.resident : undefined,
    name: listed ? undefined : f.name.trim() || undefined,
    phone: listed ? undefined : f.phone.trim() || undefined,
    place: f.place,
    wish_from: f.from,
    wish_to: f.to,
    urgency: f.urgency,
  };
}

function wordsFor(
  d: Demand,
  did: Record<'ready' | 'queued' | 'referred' | 'merged' | 'other', string>,
): string {
  const key = d.state === 'hint' || d.state === 'new' ? 'other' : d.state;
  return key in did ? did[key as keyof typeof did] : did.other;
}
