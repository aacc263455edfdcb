// How well the dispatching of past days was, with how many orders it is about and whether it may still change.
import { useQuery } from '@tanstack/react-query';
import { get } from '@/api/client';
import { Panel, Wide } from '@/design/console';
import { count, dayWord, figure } from '@/design/format';
import { dayOf } from '../board';
import type { Accuracy } from '../history';
import { useText } from '../text';
import css from './dispatch.module.css';

/** Days back it looks. */
const days = 7;
/** Fewer orders than this say nothing. */
const few = 30;

export function AccuracyPanel({ now }: { now: number }) {
  const t = useText();
  const from = dayOf(now, -days).date;
  const to = dayOf(now, -1).date;
  const { data } = useQuery({
    queryKey: ['dispatch', 'accuracy', from, to],
    queryFn: ({ signal }) => get<{ days: Accuracy[] }>('/api/v1/dispatch-accuracy', { from, to }, signal),
    staleTime: 10 * 60_000,
    retry: false,
  });
  const rows = data?.days.filter((d) => d.requested > 0) ?? [];
  if (rows.length === 0) return null;
  const pct = (d: Accuracy, v: number) => (d.requested < few ? t.accuracy.few : `${figure(v)}%`);
  return (
    <Panel title={t.accuracy.title} note={t.accuracy.strictNote}>
      <Wide label={t.accuracy.title}>
        <table className={css.accuracy}>
          <thead>
            <tr>
              <th scope="col">{t.accuracy.day}</th>
              <th scope="col">{t.accuracy.strict}</th>
              <th scope="col">{t.accuracy.regret}</th>
              <th scope="col">n</th>
              <th scope="col">{t.accuracy.impossible}</th>
              <th scope="col">{t.accuracy.crowded}</th>
              <th scope="col">{t.accuracy.changes}</th>
              <th scope="col">{t.accuracy.worstWorker}</th>
              <th scope="col">{t.accuracy.worstGroup}</th>
            </tr>
          </thead>
          <tbody>
            {rows.map((d) => (
              <tr key={d.date}>
                <th scope="row">
                  {dayWord(d.date, now)}
                  {d.provisional ? (
                    <small title={t.accuracy.provisionalNote}> {t.accuracy.provisional}</small>
                  ) : null}
                </th>
                <td>{pct(d, d.accurate_pct)}</td>
                <td>{pct(d, d.without_regret_pct)}</td>
                <td>{t.accuracy.n(count(d.served), count(d.requested))}</td>
                <td>{count(d.impossible)}</td>
                <td>{count(d.crowded_out)}</td>
                <td>{t.accuracy.times(figure(d.changes_per_promise, 2))}</td>
                <td>{pct(d, d.worst_worker_pct)}</td>
                <td>{pct(d, d.worst_group_pct)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </Wide>
    </Panel>
  );
}
