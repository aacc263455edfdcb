// The plan of tomorrow as a diff: what would change and what it saves. Rows can be kept as they are; then it is released,
// thrown away or made anew. ↑↓ go through the rows.
import { useSearch } from '@tanstack/react-router';
import { App, Button } from 'antd';
import { useMemo } from 'react';
import { useMay } from '@/api/me';
import { useMinute } from '@/design/clock';
import {
  day,
  FilterBar,
  type Lane,
  Page,
  Panel,
  useActWords,
  useSearchPatch,
  WorkerLanes,
} from '@/design/console';
import { Loaded, StatePanel } from '@/design/core';
import { count, moment } from '@/design/format';
import type { Change } from '../api';
import { dayOf, lanesOf, rostered } from '../board';
import { outcomeLine } from '../changes';
import { type Draft, useDiscard, useDraft, useDrafts, useMakeDraft, usePin, useRelease } from '../plans';
import { useText } from '../text';
import { ChangeList, CostWords } from './ChangeList';
import { DeskNav } from './DeskNav';
import css from './dispatch.module.css';
import type { PlanSearch } from './search';
import { useBoardNames } from './useBoardNames';

const nobody: ReadonlySet<string> = new Set();

export function PlanPage() {
  const t = useText();
  const search = useSearch({ strict: false }) as PlanSearch;
  const patch = useSearchPatch<PlanSearch>();
  const minute = useMinute();
  const ahead = Number(search.day ?? 1);
  const { date, start } = dayOf(minute, ahead);
  const drafts = useDrafts(date);
  const latest = drafts.data?.find((d) => d.state !== 'discarded');
  const draft = useDraft(latest?.id);
  const shown = latest && draft.data?.date === date ? draft.data : undefined;
  const may = useMay()('dispatch.assign');
  const make = useMakeDraft();
  const { failed } = useActWords();
  const remake = () => make.mutate(date, { onError: failed });
  return (
    <Page fill title={t.plan.title} act={<DeskNav />}>
      <div className={css.planHead}>
        <FilterBar<PlanSearch>
          filters={[
            {
              kind: 'tabs',
              key: 'day',
              label: t.dayLabel,
              options: t.plan.days.map((label, i) => ({ value: i === 0 ? '' : String(i + 1), label })),
            },
          ]}
          value={search}
          onChange={(p) => patch({ ...p, sel: undefined })}
        />
        {shown && may ? <Acts draft={shown} busy={make.isPending} onRemake={remake} /> : null}
      </div>
      <Loaded<unknown> query={latest ? { ...draft, data: shown } : drafts} rows={8}>
        {() =>
          shown ? (
            <Plan
              draft={shown}
              start={start}
              may={may}
              selected={search.sel}
              onSelect={(sel) => patch({ sel })}
            />
          ) : (
            <StatePanel
              state="setup"
              title={t.plan.none}
              act={
                may ? (
                  <Button type="primary" loading={make.isPending} onClick={remake}>
                    {t.plan.make}
                  </Button>
                ) : undefined
              }
            />
          )
        }
      </Loaded>
    </Page>
  );
}

function Acts({ draft: d, busy, onRemake }: { draft: Draft; busy: boolean; onRemake: () => void }) {
  const t = useText();
  const { modal } = App.useApp();
  const { done, failed } = useActWords();
  const release = useRelease();
  const discard = useDiscard();
  const told = d.changes.filter((c) => c.told).length;
  if (d.state === 'released')
    return (
      <Button loading={busy} onClick={onRemake}>
        {t.plan.remake}
      </Button>
    );
  return (
    <div className={css.planActs}>
      <Button
        loading={discard.isPending}
        onClick={() =>
          modal.confirm({
            title: t.plan.discardAsk,
            okText: t.plan.discard,
            onOk: () => discard.mutateAsync(d.id).then(() => done(t.plan.discarded), failed),
          })
        }
      >
        {t.plan.discard}
      </Button>
      <Button type={d.state === 'stale' ? 'primary' : 'default'} loading={busy} onClick={onRemake}>
        {t.plan.remake}
      </Button>
      {d.state === 'open' ? (
        <Button
          type="primary"
          loading={release.isPending}
          onClick={() =>
            modal.confirm({
              title: t.plan.releaseAsk(count(d.changes.length), count(told)),
              okText: t.plan.release,
              onOk: () =>
                release.mutateAsync(d.id).then((o) => done(t.plan.released(outcomeLine(o, t))), failed),
            })
          }
        >
          {t.plan.release}
        </Button>
      ) : null}
    </div>
  );
}

function Plan({
  draft: d,
  start,
  may,
  selected,
  onSelect,
}: {
  draft: Draft;
  /** Midnight of the day planned. */
  start: number;
  may: boolean;
  selected?: string;
  onSelect: (order: string | undefined) => void;
}) {
  const t = useText();
  const minute = useMinute();
  const words = useBoardNames();
  const { failed } = useActWords();
  const pin = usePin(d.id);
  const pinned = useMemo(() => new Set(d.pinned), [d.pinned]);
  const lanes = useMemo(() => planLanes(d, start, words), [d, start, words]);
  const fresh = lanes.flatMap((l) => l.blocks.filter((b) => b.fresh).map((b) => b.from));
  const begin = fresh.length > 0 ? Math.min(...fresh) : day.from;
  const open = d.state === 'open' && may;
  const door = (c: Change) => words.plate(c.place);
  return (
    <div className={css.plan}>
      {d.state === 'stale' ? <p className={css.notice}>{t.plan.stale}</p> : null}
      <Panel
        flush
        title={d.changes.length > 0 ? outcomeLine(d, t) : t.plan.same}
        note={`${t.plan.state[d.state]} · ${t.plan.madeAt(moment(d.made_at, minute))}`}
        act={<CostWords before={d.before} after={d.after} />}
      >
        {d.changes.length > 0 ? (
          <ChangeList
            changes={d.changes}
            day={start}
            selected={selected}
            onSelect={(id) => onSelect(id === selected ? undefined : id)}
            maxHeight="44vh"
            more={
              open
                ? {
                    title: '',
                    width: '88px',
                    render: (c) => (
                      <Button
                        size="small"
                        className={css.pin}
                        disabled={pin.isPending}
                        aria-label={t.plan.pinTitle(door(c))}
                        onClick={(e) => {
                          e.stopPropagation();
                          pin.mutate({ order: c.order, pinned: true }, { onError: failed });
                        }}
                      >
                        {t.plan.pin}
                      </Button>
                    ),
                  }
                : undefined
            }
          />
        ) : null}
      </Panel>
      {pinned.size > 0 ? (
        <Kept
          draft={d}
          may={open}
          onFree={(order) => pin.mutate({ order, pinned: false }, { onError: failed })}
        />
      ) : null}
      {lanes.length === 0 ? null : (
        <Panel flush title={t.plan.lanes}>
          <div className={css.planLanes}>
            <WorkerLanes
              lanes={lanes}
              label={t.plan.lanes}
              now={-1}
              selected={selected}
              onSelect={(b) => onSelect(b.id === selected ? undefined : b.id)}
              begin={begin}
            />
          </div>
        </Panel>
      )}
    </div>
  );
}

/** Visits that the plan was told to leave alone, each with the way back. */
function Kept({ draft: d, may, onFree }: { draft: Draft; may: boolean; onFree: (order: string) => void }) {
  const t = useText();
  const words = useBoardNames();
  const stops = new Map(d.lanes.flatMap((l) => l.stops.map((s) => [s.order, s] as const)));
  const kept = d.pinned.flatMap((id) => stops.get(id) ?? []);
  if (kept.length === 0) return null;
  return (
    <div className={css.notice}>
      <span>{t.plan.pinnedTitle}</span>
      {kept.map((s) => {
        const door = words.plate(s.place);
        return may ? (
          <Button
            key={s.order}
            size="small"
            className={css.pin}
            aria-pressed
            aria-label={t.plan.unpinTitle(door)}
            onClick={() => onFree(s.order)}
          >
            {door}
          </Button>
        ) : (
          <span key={s.order}>{door}</span>
        );
      })}
    </div>
  );
}

/** The day as it would be: what is new in it stands first and is drawn by a broken line. */
function planLanes(d: Draft, start: number, words: ReturnType<typeof useBoardNames>): Lane[] {
  const fresh = new Set(d.changes.filter((c) => c.to_worker).map((c) => c.order));
  const lanes = lanesOf(d.lanes.filter(rostered), nobody, 0, words, start).map((l) => {
    const blocks = l.blocks.map((b) => (fresh.has(b.id) ? { ...b, fresh: true } : b));
    return { ...l, blocks, marked: blocks.some((b) => b.fresh) };
  });
  return lanes.sort((a, b) => Number(b.marked) - Number(a.marked));
}
