// The chosen order in place of the list: what it is, why it stands as it stands, who could go. Escape goes back to the list.

import { Link } from '@tanstack/react-router';
import { Button } from 'antd';
import { type ReactNode, useEffect } from 'react';
import { useMay } from '@/api/me';
import { useCatalogNames } from '@/api/names';
import { useNow } from '@/design/clock';
import { Facts, Section, useActWords } from '@/design/console';
import { DoorPlate, Icon, Loaded, PersonName, Why as Reasons, TimeLeft } from '@/design/core';
import { count, figure } from '@/design/format';
import { type Option, type Order, useOrder, useUrge, useWhy, type Why } from '../api';
import { useText } from '../text';
import { type Names, reasonLines, windowOf } from '../words';
import { Candidates } from './Candidates';
import css from './dispatch.module.css';
import { Relaxations, WaitingClass } from './Relaxations';

export function OrderPanel({
  id,
  names,
  doorOf,
  onClose,
  onSend,
  onMove,
  onGive,
  onUrgent,
}: {
  id: string;
  names: Names;
  doorOf: (o: Order) => string;
  onClose: () => void;
  /** To somebody, or to the best when nobody is named. */
  onSend: (o: Order, to?: Option) => void;
  /** Somebody has it: a reason is asked first. */
  onMove: (o: Order, to?: Option) => void;
  /** Chosen by typing. */
  onGive: (order: string) => void;
  onUrgent: (o: Order) => void;
}) {
  const t = useText();
  const order = useOrder(id);
  const why = useWhy(id);
  useEffect(() => {
    const onKey = (e: KeyboardEvent) => {
      if (
        e.key === 'Escape' &&
        !e.defaultPrevented &&
        !document.querySelector('[role=menu], .ant-modal-mask:not([style*="none"])')
      )
        onClose();
    };
    addEventListener('keydown', onKey);
    return () => removeEventListener('keydown', onKey);
  }, [onClose]);
  return (
    <section className={css.card} aria-label={t.open}>
      <header className={css.leftHead}>
        <Button
          type="text"
          size="small"
          icon={<Icon name="back" size={16} />}
          onClick={onClose}
          title={t.close}
        >
          {t.back}
        </Button>
        <Link to="/orders/$id" params={{ id } as never} className={css.headLink}>
          {t.open}
        </Link>
      </header>
      <div className={css.panel}>
        <Loaded query={order}>
          {(o) => (
            <>
              <Head order={o} door={doorOf(o)} />
              <Loaded query={why} rows={6}>
                {(w) => (
                  <Decision
                    order={o}
                    why={w}
                    names={names}
                    onSend={onSend}
                    onMove={onMove}
                    onGive={onGive}
                    onUrgent={onUrgent}
                  />
                )}
              </Loaded>
            </>
          )}
        </Loaded>
      </div>
    </section>
  );
}

function Head({ order: o, door }: { order: Order; door: string }) {
  const t = useText();
  const now = useNow();
  const catalog = useCatalogNames();
  const promise = windowOf(o.promise, now);
  const rows: [ReactNode, ReactNode][] = [
    [t.service, [catalog.spec(o.spec), t.sla[o.sla] ?? o.sla, ...(o.persons > 1 ? [t.two] : [])].join(' · ')],
    ...(o.name ? [[t.resident, <PersonName key="p" name={o.name} />] as [ReactNode, ReactNode]] : []),
    [t.wish, windowOf(o.wish, now) ?? t.asap],
  ];
  if (promise) {
    rows.push([
      t.promise,
      <span key="p" className={css.told} title={t.told}>
        <Icon name="lock" size={14} /> {promise}
      </span>,
    ]);
  }
  if (o.worker) {
    rows.push([
      t.worker,
      <span key="w">
        {o.worker.name}
        {o.second?.name ? ` ${t.withTwo(o.second.name)}` : ''} · {t.state[o.state] ?? o.state}
      </span>,
    ]);
  }
  if (o.words) rows.push([t.said, o.words]);
  return (
    <>
      <div className={css.panelHead}>
        <DoorPlate label={door} />
        <TimeLeft due={o.due.limit_at} from={o.submitted_at} paused={o.due.stopped} />
      </div>
      <Facts rows={rows} />
    </>
  );
}

function Decision({
  order: o,
  why,
  names,
  onSend,
  onMove,
  onGive,
  onUrgent,
}: {
  order: Order;
  why: Why;
  names: Names;
  onSend: (o: Order, to?: Option) => void;
  onMove: (o: Order, to?: Option) => void;
  onGive: (order: string) => void;
  onUrgent: (o: Order) => void;
}) {
  const t = useText();
  const may = useMay();
  const { done, failed } = useActWords();
  const urge = useUrge();
  const assign = may('dispatch.assign');
  const current = why.assigned?.worker ?? why.assigned?.facility;
  const facility = why.options.length === 0 && why.others.length === 0;
  const closed = !['open', 'waiting', 'assigned', 'accepted', 'en_route'].includes(why.state);
  const reasons = why.assigned?.reasons ?? why.waiting ?? [];
  return (
    <>
      {current ? null : <WaitingClass why={why} />}
      {current || reasons.length > 0 ? (
        <Section
          title={
            why.assigned?.worker
              ? t.why(names.worker(why.assigned.worker))
              : current
                ? t.whyPlace
                : t.whyNobody
          }
        >
          <Reasons reasons={reasonLines(reasons, names, t)} />
          {why.runner_up ? <RunnerUp why={why} /> : null}
          {current ? (
            <div className={css.acts}>
              {assign && !closed ? <Button onClick={() => onMove(o)}>{t.best}</Button> : null}
              {assign && !closed && !facility ? (
                <Button onClick={() => onGive(o.id)} aria-keyshortcuts="P">
                  {t.sendTo}
                </Button>
              ) : null}
              {may('dispatch.urge') ? (
                <Button
                  loading={urge.isPending}
                  onClick={() =>
                    urge.mutate(o.id, {
                      onSuccess: (r) => done(t.done.urged(count(r.times))),
                      onError: failed,
                    })
                  }
                >
                  {t.urge}
                </Button>
              ) : null}
            </div>
          ) : null}
        </Section>
      ) : null}
      {current ? null : <Relaxations why={why} names={names} may={assign} />}
      {assign && !closed && !facility && !current ? (
        <div className={css.acts}>
          <Button onClick={() => onGive(o.id)}>{t.sendTo}</Button>
          <Button onClick={() => onUrgent(o)}>{t.act.urgent}</Button>
        </div>
      ) : null}
      {closed ? null : facility ? (
        current ? null : (
          <Section title={t.who3} note={t.facility}>
            {assign ? (
              <Button type="primary" onClick={() => onSend(o)}>
                {t.send}
              </Button>
            ) : null}
          </Section>
        )
      ) : (
        <Section title={current ? t.whoNow : t.who3} note={why.options.length === 0 ? t.nobody : undefined}>
          <Candidates
            why={why}
            names={names}
            current={current}
            onChoose={assign ? (to) => (current ? onMove(o, to) : onSend(o, to)) : undefined}
          />
        </Section>
      )}
    </>
  );
}

/** Of a served order: what the next best would have cost, by part. */
function RunnerUp({ why }: { why: Why }) {
  const t = useText();
  const { split: mine, runner_up: next } = why;
  if (!mine || !next) return null;
  const parts = Object.keys(t.split.parts) as (keyof typeof mine)[];
  return (
    <table className={css.split}>
      <caption>{t.split.title}</caption>
      <thead>
        <tr>
          <th scope="col">{t.split.part}</th>
          <th scope="col">{t.split.chosen}</th>
          <th scope="col">{next.name}</th>
        </tr>
      </thead>
      <tbody>
        {parts.map((k) => (
          <tr key={k}>
            <th scope="row">{t.split.parts[k]}</th>
            <td>{figure(mine[k])}</td>
            <td>{figure(next.split[k])}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
