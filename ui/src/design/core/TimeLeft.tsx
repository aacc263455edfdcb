// How long is left until a deadline, on server time; over a quarter of the limit it is plain ink.
import { useBase } from '@/i18n/base';
import { useNow } from '../clock';
import { duration, type Moment, millis, moment } from '../format';
import css from './core.module.css';

export type Urgency = 'calm' | 'close' | 'over';

/** How a deadline stands: over it, in the last quarter of its limit (or its last 10 minutes), or calm. */
export function urgencyOf(due: Moment, from: Moment, now: number): Urgency {
  const d = millis(due);
  if (d === undefined) return 'calm';
  if (now > d) return 'over';
  const start = millis(from);
  const quarter = start !== undefined && d > start ? (d - start) / 4 : 10 * 60_000;
  return d - now <= quarter ? 'close' : 'calm';
}

export function TimeLeft({
  due,
  from,
  paused,
  done,
}: {
  due: Moment;
  /** Start of the clock; with it "close" means the last quarter of the limit. */
  from?: Moment;
  /** The clock is stopped by a pause with a reason. */
  paused?: boolean;
  /** When the act was done: the clock then shows nothing but that moment. */
  done?: Moment;
}) {
  const t = useBase();
  const now = useNow();
  const d = millis(due);
  if (millis(done) !== undefined) return <span className={css.left}>{moment(done, now)}</span>;
  if (paused)
    return (
      <span className={css.left} data-urgency="paused">
        {t.paused}
      </span>
    );
  if (d === undefined)
    return (
      <span className={css.left} data-urgency="paused">
        {t.noLimit}
      </span>
    );
  const u = urgencyOf(due, from, now);
  const words = (left: number) => {
    if (Math.abs(left) < 60_000) return left < 0 ? t.overJust : t.leftSoon;
    return left < 0 ? t.over(duration(left)) : t.left(duration(left));
  };
  return (
    <time className={css.left} data-urgency={u} dateTime={new Date(d).toISOString()} title={moment(d, now)}>
      {words(d - now)}
    </time>
  );
}
