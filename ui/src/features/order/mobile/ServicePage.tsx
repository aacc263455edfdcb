// One service as the resident follows it: where it stands in a sentence, its course, who comes and when; then confirm, object, rate, urge, give up.
import { useState } from 'react';
import { dutyPhone } from '@/api/duty';
import { useMay } from '@/api/me';
import { wordsOf } from '@/api/problem';
import { useNow } from '@/design/clock';
import { DoorPlate, Loaded } from '@/design/core';
import { span } from '@/design/format';
import { NoticeBar } from '@/design/mobile/Bars';
import { BigButton, CallButton } from '@/design/mobile/Button';
import { Card, ListRow, ServiceSteps } from '@/design/mobile/Card';
import { Page } from '@/design/mobile/Page';
import { ReadAloud } from '@/design/mobile/ReadAloud';
import { go, goBack, type PageProps } from '@/design/mobile/router';
import { Sheet } from '@/design/mobile/Sheet';
import { type Detail, useOrder, useOrderAct, useUrge, useWithdraw } from '../api';
import { useText as useWords } from '../text';
import { nameOf, reasonWord } from '../words';
import { callName, courseOf, sentence } from './course';
import css from './mobile.module.css';
import { ReasonSheet } from './ReasonSheet';
import { useText } from './text';

export function ServicePage({ params }: PageProps<'id'>) {
  const t = useText();
  useNow(); // words such as 今天 follow the server's clock
  const q = useOrder(params.id);
  const o = q.data;
  return (
    <Page
      title={o ? nameOf(o) : t.services}
      back={() => goBack('/h/orders')}
      call={<CallButton phone={dutyPhone} compact />}
      acts={o ? <Acts order={o} /> : undefined}
    >
      <Loaded query={q}>{(o) => <Body order={o} />}</Loaded>
    </Page>
  );
}

function Body({ order: o }: { order: Detail }) {
  const t = useText();
  const w = useWords();
  const says = sentence(t, o);
  const fault = o.timeline.findLast((l) => l.kind === 'order.failed' || l.kind === 'order.canceled');
  return (
    <>
      <NoticeBar>{says}</NoticeBar>
      {o.code && !['closed', 'failed', 'canceled', 'confirmed'].includes(o.state) && needsCode(o) ? (
        <Card title={t.code} note={t.codeNote}>
          <p className={css.code}>{o.code}</p>
        </Card>
      ) : null}
      <Card>
        <ListRow
          title={o.prior ? t.fact.changed : t.fact.promise}
          end={o.promise ? span(o.promise.from, o.promise.to) : o.prior ? t.fact.soon : '—'}
          note={o.prior ? t.fact.before(span(o.prior.from, o.prior.to)) : undefined}
        />
        {o.worker ? <ListRow title={t.fact.who} end={callName(t, o)} /> : null}
        {o.door ? <ListRow title={t.fact.where} end={<DoorPlate label={o.door} />} /> : null}
        {o.words ? <ListRow title={t.fact.words} note={o.words} /> : null}
        {(o.state === 'failed' || o.state === 'canceled') && fault?.reason ? (
          <ListRow title={t.fact.reason} end={reasonWord(w, fault.reason)} />
        ) : null}
        <ListRow title={t.fact.number} end={o.number} />
      </Card>
      <Card title={t.course}>
        <ServiceSteps steps={courseOf(t, o)} />
      </Card>
      <ReadAloud text={says} />
      <GiveUp order={o} />
    </>
  );
}

/** The number is only shown where the procedure asks the worker for it. */
const needsCode = (o: Detail) => o.steps.some((s) => s.evidence === 'code' && !s.done_at);

/** What the resident can do now, the most likely first. */
function Acts({ order: o }: { order: Detail }) {
  const t = useText();
  const may = useMay();
  const act = useOrderAct();
  const urge = useUrge();
  const [objecting, setObjecting] = useState(false);
  const [note, setNote] = useState<string>();
  const fault = act.error ?? urge.error;
  const running = ['open', 'waiting', 'assigned', 'accepted', 'en_route', 'arrived', 'paused'].includes(
    o.state,
  );
  const rates = may('evaluate.rate') && !o.stars && (o.state === 'confirmed' || o.state === 'closed');
  return (
    <div className={css.acts}>
      {fault ? <NoticeBar urgent>{wordsOf(fault)}</NoticeBar> : note ? <NoticeBar>{note}</NoticeBar> : null}
      <div>
        {o.may.includes('confirm') ? (
          <BigButton
            busy={act.isPending}
            onPress={() =>
              act.mutate(
                { id: o.id, act: 'confirm' },
                { onSuccess: () => may('evaluate.rate') && go(`/h/orders/${o.id}/rate`, { replace: true }) },
              )
            }
          >
            {t.confirm}
          </BigButton>
        ) : null}
        {o.may.includes('dispute') ? (
          <BigButton quiet onPress={() => setObjecting(true)}>
            {t.objectTo}
          </BigButton>
        ) : null}
        {rates ? <BigButton onPress={() => go(`/h/orders/${o.id}/rate`)}>{t.rate}</BigButton> : null}
        {running && may('dispatch.urge') ? (
          <BigButton
            busy={urge.isPending}
            icon="bell"
            onPress={() => urge.mutate(o.id, { onSuccess: () => setNote(t.urged) })}
          >
            {t.urge}
          </BigButton>
        ) : null}
      </div>
      {objecting ? (
        <ReasonSheet
          title={t.objectTitle}
          act="dispute"
          busy={act.isPending}
          submit={t.send}
          onClose={() => setObjecting(false)}
          onDone={(body) =>
            act.mutate(
              { id: o.id, act: 'dispute', body },
              {
                onSuccess: () => {
                  setObjecting(false);
                  setNote(t.objectDone);
                },
              },
            )
          }
        />
      ) : null}
    </div>
  );
}

/** Giving up asks once, because somebody is already on the way. */
function GiveUp({ order: o }: { order: Detail }) {
  const t = useText();
  const may = useMay();
  const withdraw = useWithdraw();
  const [asking, setAsking] = useState(false);
  const possible = ['open', 'waiting', 'assigned', 'accepted', 'paused'].includes(o.state);
  const demand = o.demand;
  if (!possible || !demand || !may('demand.raise')) return null;
  return (
    <>
      <BigButton quiet onPress={() => setAsking(true)}>
        {t.withdraw}
      </BigButton>
      {asking ? (
        <Sheet
          title={t.withdrawAsk}
          onClose={() => setAsking(false)}
          acts={
            <>
              <BigButton quiet onPress={() => setAsking(false)}>
                {t.keep}
              </BigButton>
              <BigButton
                busy={withdraw.isPending}
                onPress={() =>
                  withdraw.mutate({ demand, order: o.id }, { onSuccess: () => goBack('/h/orders') })
                }
              >
                {t.withdraw}
              </BigButton>
            </>
          }
        >
          <p>{t.withdrawNote}</p>
          {withdraw.error ? <NoticeBar urgent>{wordsOf(withdraw.error)}</NoticeBar> : null}
        </Sheet>
      ) : null}
    </>
  );
}
