// One job at the door: where, when, whom to call, what to bring; the steps with their proof; the next act under the thumb. Everything works without network.
import { useState } from 'react';
import { discard } from '@/api/outbox';
import { useOutbox } from '@/api/outboxState';
import { useNow } from '@/design/clock';
import { DoorPlate, Icon, StatePanel } from '@/design/core';
import { duration, moment, span } from '@/design/format';
import { NoticeBar, Unsent } from '@/design/mobile/Bars';
import { BigButton, CallButton } from '@/design/mobile/Button';
import { Card, ListRow } from '@/design/mobile/Card';
import { Page } from '@/design/mobile/Page';
import { goBack, type PageProps } from '@/design/mobile/router';
import { pick, useLang } from '@/i18n';
import { type OrderStep, type Task, useOrder } from '../api';
import { useText as useWords } from '../text';
import { nameOf, reasonWord } from '../words';
import { JobActs } from './JobActs';
import { Mark } from './Mark';
import css from './mobile.module.css';
import { needsOf, ownSteps, withPending } from './pending';
import { StepSheet } from './StepSheet';
import { useText } from './text';
import { useMine } from './useMine';

export function JobPage({ params }: PageProps<'id'>) {
  const t = useText();
  const mine = useMine();
  const task = mine.tasks?.find((x) => x.id === params.id);
  if (task) return <Job task={task} />;
  if (mine.tasks) return <Elsewhere id={params.id} />;
  return (
    <Page title={t.job} back={() => goBack('/w')}>
      <StatePanel state="loading" rows={6} />
    </Page>
  );
}

/** A job of another day, or one that has gone to somebody else. */
function Elsewhere({ id }: { id: string }) {
  const t = useText();
  const q = useOrder(id);
  const commands = useOutbox(id);
  if (q.data) return <Job task={withPending(q.data, commands)} />;
  return (
    <Page title={t.job} back={() => goBack('/w')}>
      {q.error ? <StatePanel state="empty" title={t.gone} /> : <StatePanel state="loading" rows={6} />}
    </Page>
  );
}

function Job({ task: x }: { task: Task }) {
  const t = useText();
  const w = useWords();
  const lang = useLang();
  const now = useNow();
  const refused = useOutbox(x.id).filter((c) => c.refused);
  const steps = ownSteps(x.steps);
  const [step, setStep] = useState<OrderStep>();
  const needs = needsOf(x.steps);
  return (
    <Page
      title={nameOf(x)}
      back={() => goBack('/w')}
      call={x.phone && !x.phone.includes('*') ? <CallButton phone={x.phone} compact /> : undefined}
      acts={<JobActs task={x} steps={steps} onStep={setStep} />}
    >
      {refused.map((c) => (
        <NoticeBar key={c.id} urgent>
          {t.refused(pick(c.refused, lang))}
          <BigButton quiet onPress={() => void discard(c.id)}>
            {t.discard}
          </BigButton>
        </NoticeBar>
      ))}
      {x.state === 'paused' ? (
        <NoticeBar>{t.paused(reasonWord(w, x.pause_reason) || w.state.paused)}</NoticeBar>
      ) : null}
      <section className={css.where}>
        <DoorPlate label={x.door} place={x.place} size="page" />
        <p className={css.nextTop}>
          <span>{w.state[x.state]}</span>
          <Mark order={x} />
          <Unsent subject={x.id} />
        </p>
      </section>
      <Card>
        <ListRow
          title={t.window}
          end={x.promise ? span(x.promise.from, x.promise.to, now) : moment(x.start, now)}
          note={t.lasts(duration(x.length_s * 1000))}
        />
        <ListRow
          title={t.resident}
          note={x.second || x.persons > 1 ? t.withTwo(x.second?.name ?? '') : undefined}
          end={x.name ?? '—'}
        />
        {x.words ? <ListRow title={x.words} /> : null}
        {x.at && (x.at.lat || x.at.lng) ? (
          <a className={css.linkRow} href={`geo:${x.at.lat},${x.at.lng}?q=${x.at.lat},${x.at.lng}`}>
            <Icon name="route" size="1.2em" />
            {t.navigate}
          </a>
        ) : null}
      </Card>
      {needs.length > 0 ? (
        <Card title={t.needs}>
          <ul className={css.needs}>
            {needs.map((n) => (
              <li key={n}>{t.need[n]}</li>
            ))}
          </ul>
        </Card>
      ) : null}
      {steps.length > 0 ? (
        <Card title={t.stepsTitle}>
          {steps.map((s) => (
            <StepRow key={s.no} step={s} onPress={s.done_at ? undefined : () => setStep(s)} />
          ))}
        </Card>
      ) : null}
      {step ? <StepSheet order={x.id} step={step} onClose={() => setStep(undefined)} /> : null}
    </Page>
  );
}

function StepRow({ step: s, onPress }: { step: OrderStep; onPress?: () => void }) {
  const t = useText();
  const w = useWords();
  return (
    <ListRow
      lead={<span className={css.stepMark}>{s.done_at ? <Icon name="check" size="1.2em" /> : null}</span>}
      title={nameOf(s)}
      note={[s.evidence ? w.evidence[s.evidence] : '', s.required ? t.required : t.optional]
        .filter(Boolean)
        .join(' · ')}
      end={s.done_at ? moment(s.done_at) : undefined}
      onPress={onPress}
    />
  );
}
