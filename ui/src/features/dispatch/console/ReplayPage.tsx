// A past day played again. Space plays and stops, ← → go by five minutes, Home and End to the ends of the day; lanes, map
// and the list of what happened show the moment of the slider, and the page says all the time that it is not now.
import { useSearch } from '@tanstack/react-router';
import { Button, Segmented } from 'antd';
import { type KeyboardEvent, type ReactNode, useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { useMinute } from '@/design/clock';
import { day, type Lane, Page, useSearchPatch, WorkerLanes } from '@/design/console';
import { Icon, Loaded, StatePanel } from '@/design/core';
import { clock, count, dayWord, minuteOfDay } from '@/design/format';
import { useBoard } from '../api';
import { dayOf, lanesOf } from '../board';
import { type History, useHistory } from '../history';
import { boardAt, happened, turnOf, turns } from '../replay';
import { useText } from '../text';
import { DeskNav } from './DeskNav';
import css from './dispatch.module.css';
import { latest, ReplaySide } from './ReplaySide';
import type { ReplaySearch } from './search';
import { useBoardNames } from './useBoardNames';

const minute = 60_000;
const hour = 60 * minute;
const nobody: ReadonlySet<string> = new Set();
/** Simulated seconds a second. */
const speeds = [60, 300];
/** Pictures a second while it plays: the hand moves, the board only when something happened. */
const pictures = 10;

export function ReplayPage() {
  const t = useText();
  const search = useSearch({ strict: false }) as ReplaySearch;
  const patch = useSearchPatch<ReplaySearch>();
  const now = useMinute();
  const back = Math.max(0, Number(search.back ?? 0));
  const { date, start } = dayOf(now, -back);
  const history = useHistory(date);
  const days = (
    <span className={css.days}>
      <Button
        icon={<Icon name="back" size={16} />}
        title={t.replay.before}
        aria-label={t.replay.before}
        onClick={() => patch({ back: String(back + 1), at: undefined })}
      />
      <b>{dayWord(start, now)}</b>
      <Button
        icon={<Icon name="next" size={16} />}
        title={t.replay.next}
        aria-label={t.replay.next}
        disabled={back === 0}
        onClick={() => patch({ back: back > 1 ? String(back - 1) : undefined, at: undefined })}
      />
    </span>
  );
  return (
    <Page fill title={t.replay.title} act={<DeskNav />}>
      <Loaded query={history} rows={8}>
        {(h) =>
          h.visits.length + h.waits.length + h.acts.length === 0 ? (
            <StatePanel state="empty" title={t.replay.none} act={days} />
          ) : (
            <Player
              key={date}
              history={h}
              days={days}
              date={date}
              start={start}
              end={back === 0 ? now : start + 21 * hour}
              at={Number(search.at)}
              onAt={(m) => patch({ at: String(m) })}
            />
          )
        }
      </Loaded>
    </Page>
  );
}

function Player({
  history: h,
  days,
  date,
  start,
  end,
  at: wanted,
  onAt,
}: {
  history: History;
  /** The way to other days. */
  days: ReactNode;
  date: string;
  start: number;
  /** The last moment there is. */
  end: number;
  /** Minute of the day the page was left at. */
  at: number;
  onAt: (minute: number) => void;
}) {
  const t = useText();
  const words = useBoardNames();
  const frame = useBoard(date).data;
  const from = start + day.from * minute;
  const last = Math.max(from + hour, end);
  const [at, setAt] = useState(() =>
    Number.isFinite(wanted)
      ? start + wanted * minute
      : Math.min(last, Math.max(from, firstOf(h, from) + hour)),
  );
  const [speed, setSpeed] = useState(speeds[0] ?? 60);
  const [playing, setPlaying] = useState(false);
  const [sel, setSel] = useState<string>();
  const go = useCallback((ms: number) => setAt(Math.max(from, Math.min(last, ms))), [from, last]);

  useEffect(() => {
    if (!playing) return;
    let before = performance.now();
    const id = setInterval(() => {
      const t1 = performance.now();
      const by = (t1 - before) * speed;
      before = t1;
      setAt((a) => Math.min(last, a + by));
    }, 1000 / pictures);
    return () => clearInterval(id);
  }, [playing, speed, last]);
  useEffect(() => {
    if (at >= last) setPlaying(false);
  }, [at, last]);
  // The address follows when the hand rests, not with every picture.
  const tell = useRef(onAt);
  tell.current = onAt;
  useEffect(() => {
    if (playing) return;
    const id = setTimeout(() => tell.current(Math.round(minuteOfDay(at))), 400);
    return () => clearTimeout(id);
  }, [at, playing]);

  const all = useMemo(() => turns(h), [h]);
  const events = useMemo(() => happened(h), [h]);
  const turn = turnOf(all, at);
  // biome-ignore lint/correctness/useExhaustiveDependencies: between two turns the board stands still
  const moment = useMemo(() => boardAt(h, frame, at), [h, frame, turn]);
  const lanes = useMemo(
    () => settled(lanesOf(moment.lanes, nobody, 0, words, start), h),
    [moment, words, start, h],
  );
  const onKey = (e: KeyboardEvent) => {
    const target = e.target as HTMLElement;
    if (target.closest('[role=grid], [role=application]')) return;
    if (e.key === ' ' && target.tagName !== 'BUTTON') setPlaying(!playing);
    else if (e.key === 'ArrowLeft') go(at - 5 * minute);
    else if (e.key === 'ArrowRight') go(at + 5 * minute);
    else if (e.key === 'Home') go(from);
    else if (e.key === 'End') go(last);
    else return;
    e.preventDefault();
  };
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: the slider and the buttons in it have their own keys, too
    <div className={css.replay} onKeyDown={onKey}>
      <div className={css.replayBar} role="group" aria-label={t.replay.title}>
        {days}
        <Button
          icon={<Icon name={playing ? 'pause' : 'play'} size={16} />}
          aria-keyshortcuts="Space"
          onClick={() => {
            if (!playing && at >= last) go(from);
            setPlaying(!playing);
          }}
        >
          {playing ? t.replay.pause : t.replay.play}
        </Button>
        <Segmented
          aria-label={t.replay.speed}
          value={speed}
          onChange={setSpeed}
          options={speeds.map((value) => ({ value, label: `×${value}` }))}
        />
        <b>{t.replay.banner(dayWord(start), clock(at))}</b>
        <input
          type="range"
          className={css.slider}
          aria-label={t.replay.slider}
          aria-valuetext={clock(at)}
          title={t.replay.keys}
          min={from}
          max={last}
          step={minute}
          value={at}
          onChange={(e) => go(Number(e.target.value))}
        />
        <span className={css.quiet}>
          {[
            t.replay.waiting(count(moment.waiting.length)),
            t.replay.running(count(moment.running)),
            t.replay.finished(count(moment.finished)),
          ].join(' · ')}
        </span>
      </div>
      <div className={css.laneBox}>
        <WorkerLanes
          lanes={lanes}
          label={t.lanes}
          now={minuteOfDay(at)}
          selected={sel}
          onSelect={(b) => setSel(b.id === sel ? undefined : b.id)}
        />
      </div>
      <ReplaySide
        history={h}
        moment={moment}
        at={minuteFloor(at)}
        events={latest(events, at)}
        selected={sel}
        onSelect={setSel}
      />
    </div>
  );
}

/** The map need not be drawn with every picture. */
const minuteFloor = (at: number) => Math.floor(at / minute) * minute;

/** When the day began to fill. */
const firstOf = (h: History, from: number) => turns(h).find((t) => t >= from) ?? from;

/** Whoever has a visit at any time of the day stands first, then by name: nobody changes place while it plays. */
const settled = (lanes: Lane[], h: History) => {
  const busy = new Set(h.visits.flatMap((v) => [v.worker, v.second]));
  const rank = (l: Lane) => (busy.has(l.id) ? 0 : 1);
  return lanes.sort((a, b) => rank(a) - rank(b) || a.name.localeCompare(b.name, 'zh'));
};
