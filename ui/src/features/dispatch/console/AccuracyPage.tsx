// How well past days were dispatched, with how many orders it is about and whether the figures may still change.
// ↑↓ go through the days, Enter plays one again.
import { useNavigate } from '@tanstack/react-router';
import { useMinute } from '@/design/clock';
import { type Column, Page, Panel, WorkList } from '@/design/console';
import { Loaded } from '@/design/core';
import { count, dayWord, figure, isoDay, millis, startOfDay } from '@/design/format';
import { type Accuracy, useAccuracy } from '../history';
import { useText } from '../text';
import { DeskNav } from './DeskNav';
import css from './dispatch.module.css';

const day = 86_400_000;
/** Days back it looks. */
const back = 28;
/** A share of fewer orders than this says nothing. */
const few = 30;

export function AccuracyPage() {
  const t = useText();
  const go = useNavigate();
  const now = useMinute();
  const today = startOfDay(now);
  const days = useAccuracy(isoDay(today - back * day), isoDay(today));
  const share = (d: Accuracy, v: number | undefined) =>
    d.requested < few ? (
      <span className={css.quiet}>{t.accuracy.few}</span>
    ) : v === undefined ? (
      '—'
    ) : (
      `${figure(v)}%`
    );
  const figures: Omit<Column<Accuracy>, 'width'>[] = [
    { key: 'n', title: t.accuracy.orders, render: (d) => t.accuracy.n(count(d.served), count(d.requested)) },
    { key: 'strict', title: t.accuracy.strict, render: (d) => share(d, d.accurate_pct) },
    { key: 'regret', title: t.accuracy.regret, render: (d) => share(d, d.without_regret_pct) },
    { key: 'impossible', title: t.accuracy.impossible, render: (d) => t.count(count(d.impossible)) },
    { key: 'crowded', title: t.accuracy.crowded, render: (d) => t.count(count(d.crowded_out)) },
    {
      key: 'changes',
      title: t.accuracy.changes,
      render: (d) => t.accuracy.times(figure(d.changes_per_promise, 2)),
    },
    {
      key: 'cost',
      title: t.accuracy.cost,
      render: (d) => (d.cost_ratio === undefined ? '—' : `${figure((d.cost_ratio - 1) * 100)}%`),
    },
    { key: 'worker', title: t.accuracy.worstWorker, render: (d) => share(d, d.worst_worker_pct) },
    { key: 'group', title: t.accuracy.worstGroup, render: (d) => share(d, d.worst_group_pct) },
  ];
  const columns: Column<Accuracy>[] = [
    {
      key: 'day',
      title: t.accuracy.day,
      width: '168px',
      render: (d) => (
        <>
          {dayWord(d.date, now)}
          {d.provisional ? (
            <small className={css.provisional} title={t.accuracy.provisionalNote}>
              {t.accuracy.provisional}
            </small>
          ) : null}
        </>
      ),
    },
    ...figures.map((c) => ({ ...c, width: 'minmax(96px, 1fr)', right: true })),
  ];
  return (
    <Page title={t.accuracy.title} act={<DeskNav />}>
      <Panel flush title={t.accuracy.strictNote}>
        <Loaded query={days} rows={6} empty={t.accuracy.none}>
          {(rows) => (
            <WorkList
              label={t.accuracy.title}
              rows={rows}
              columns={columns}
              id={(d) => d.date}
              onOpen={(d) => {
                const ago = Math.round((today - startOfDay(millis(d.date) ?? today)) / day);
                void go({ to: '/dispatch/replay', search: { back: String(ago) } as never });
              }}
            />
          )}
        </Loaded>
      </Panel>
    </Page>
  );
}
