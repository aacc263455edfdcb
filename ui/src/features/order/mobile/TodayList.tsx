// The worker's jobs in the order they are done: the next one large on top, the later ones as rows, those of tomorrow below. New jobs wait behind a bar.
import { useNow } from '@/design/clock';
import { DoorPlate, Loaded, StatePanel } from '@/design/core';
import { clock, millis, moment, span, startOfDay } from '@/design/format';
import { NewBar, NoticeBar, Unsent } from '@/design/mobile/Bars';
import { Card, ListRow } from '@/design/mobile/Card';
import { go } from '@/design/mobile/router';
import type { Task } from '../api';
import { useText as useWords } from '../text';
import { nameOf } from '../words';
import { Mark } from './Mark';
import css from './mobile.module.css';
import { inOrder, needsOf } from './pending';
import { useText } from './text';
import { useCalm } from './useCalm';
import { useMine } from './useMine';

const idOf = (x: Task) => x.id;
const startOf = (x: Task) => x.start ?? x.promise?.from;

export default function TodayList() {
  const t = useText();
  const now = useNow();
  const mine = useMine();
  const calm = useCalm(mine.tasks, idOf);
  const { open, done } = inOrder(calm.rows ?? []);
  const midnight = startOfDay(now) + 24 * 3600_000;
  const later = open.filter((x) => (millis(startOf(x)) ?? 0) >= midnight);
  const today = open.filter((x) => !later.includes(x));
  const [next, ...rest] = today;
  const finished = done.filter((x) => (millis(x.finished_at) ?? 0) >= midnight - 24 * 3600_000);
  return (
    <Loaded query={{ data: calm.rows, error: mine.error, refetch: mine.refetch }} rows={6}>
      {() => (
        <>
          {mine.data?.old ? <NoticeBar>{t.stale(moment(mine.data.at))}</NoticeBar> : null}
          <NewBar count={calm.fresh} onShow={calm.show} />
          {next ? (
            <Next task={next} />
          ) : (
            <StatePanel state="empty" title={finished.length > 0 ? t.allDone : t.none} detail={t.none2} />
          )}
          {rest.length > 0 ? (
            <Card title={t.rest} note={`${rest.length}`}>
              {rest.map((x) => (
                <Row key={x.id} task={x} />
              ))}
            </Card>
          ) : null}
          {later.length > 0 ? (
            <Card title={t.tomorrow} note={`${later.length}`}>
              {later.map((x) => (
                <Row key={x.id} task={x} />
              ))}
            </Card>
          ) : null}
          {finished.length > 0 ? (
            <Card title={t.doneToday} note={`${finished.length}`}>
              {finished.map((x) => (
                <Row key={x.id} task={x} />
              ))}
            </Card>
          ) : null}
        </>
      )}
    </Loaded>
  );
}

/** The next job: where, when, what to bring; the whole of it opens the job. */
function Next({ task: x }: { task: Task }) {
  const t = useText();
  const w = useWords();
  const now = useNow();
  return (
    <button type="button" className={css.next} onClick={() => go(`/w/jobs/${x.id}`)}>
      <span className={css.nextTop}>
        <span>{t.next}</span>
        <Mark order={x} />
        <Unsent subject={x.id} />
      </span>
      <DoorPlate label={x.door} place={x.place} size="page" />
      <span className={css.nextWhat}>{nameOf(x)}</span>
      <span>
        {w.state[x.state]} · {x.promise ? span(x.promise.from, x.promise.to, now) : moment(startOf(x), now)}
      </span>
      <span className={css.soft}>
        {[x.name, ...needsOf(x.steps).map((n) => w.evidence[n])].filter(Boolean).join(' · ')}
      </span>
    </button>
  );
}

function Row({ task: x }: { task: Task }) {
  const w = useWords();
  const at = startOf(x);
  return (
    <ListRow
      lead={<span className={css.hour}>{clock(at)}</span>}
      title={<DoorPlate label={x.door} place={x.place} />}
      note={`${nameOf(x)} · ${w.state[x.state]}`}
      end={<Unsent subject={x.id} />}
      onPress={() => go(`/w/jobs/${x.id}`)}
    />
  );
}
