// The dispatcher's desk: what waits on the left, whose day it fits into beside it, and where all of it is.
import { useQueryClient } from '@tanstack/react-query';
import { useSearch } from '@tanstack/react-router';
import { App, Button } from 'antd';
import { useCallback, useMemo, useState } from 'react';
import { useMinute } from '@/design/clock';
import { type Dragged, Page, useActWords, useLaneDrag, useSearchPatch } from '@/design/console';
import { Icon, Loaded } from '@/design/core';
import { count } from '@/design/format';
import {
  type Option,
  type Order,
  orderQuery,
  type Preview,
  previewQuery,
  useBoard,
  useOrder,
  useThere,
  useWhy,
} from '../api';
import { dayOf, onDuty } from '../board';
import { useText } from '../text';
import { gateWords } from '../words';
import { Acting, type Doing } from './acts';
import { BoardMap } from './BoardMap';
import { DayLanes } from './DayLanes';
import { DeskNav } from './DeskNav';
import css from './dispatch.module.css';
import { ForceDialog } from './ForceDialog';
import { GiveDialog } from './GiveDialog';
import { HeldBar } from './HeldBar';
import { MoveDialog } from './MoveDialog';
import { OrderPanel } from './OrderPanel';
import { DropPrice } from './PriceLines';
import type { Search } from './search';
import { Unassigned } from './Unassigned';
import { useBoardNames, workerNames } from './useBoardNames';
import { useSend } from './useSend';

const nobody: Order[] = [];

export function DispatchPage() {
  const t = useText();
  const search = useSearch({ strict: false }) as Search;
  const patch = useSearchPatch<Search>();
  const client = useQueryClient();
  const { message } = App.useApp();
  const { failed } = useActWords();
  const minute = useMinute();
  const words = useBoardNames();
  const { date } = dayOf(minute, Number(search.day ?? 0));
  const board = useBoard(date);
  const why = useWhy(search.sel ?? '');
  const chosen = useOrder(search.sel ?? '').data;
  const served = useThere().data ?? nobody;
  const there = useMemo(() => new Set(served.map((o) => o.id)), [served]);
  const send = useSend(words.doorOf);
  const [moving, setMoving] = useState<{ order: Order; to?: Option }>();
  const [forcing, setForcing] = useState<{ order: Order; worker: string; preview: Preview }>();
  const [giving, setGiving] = useState<string>();
  const [doing, setDoing] = useState<Doing>();
  const [busy, setBusy] = useState<string>();
  const names = useMemo(() => workerNames(words.skill, board.data, why.data), [words, board.data, why.data]);
  const front = useMemo(() => {
    if (search.worker) return [search.worker];
    if (!search.sel || why.data?.order !== search.sel) return [];
    const has = why.data.assigned;
    return has?.worker
      ? [has.worker, ...(has.second ? [has.second] : [])]
      : why.data.options.slice(0, 3).map((o) => o.worker);
  }, [search.worker, search.sel, why.data]);
  const close = useCallback(() => patch({ sel: undefined }), [patch]);
  const duty = board.data?.lanes.filter((l) => onDuty(l, minute)).length;

  const sendTo = async (o: Order, to?: Option) => {
    setBusy(o.id);
    await send(o, to);
    setBusy(undefined);
    if (search.sel) close();
  };
  /** Gives an order to a worker whose price is known: at once, for a reason, or by what it displaces. */
  const giveTo = async (id: string, worker: string, preview: Preview) => {
    const known = workerNames(words.skill, board.data, why.data);
    const { option, refused, changes } = preview;
    if (!option && changes.length === 0) {
      return void message.warning(refused ? gateWords(refused, known, t) : t.nobody, 6);
    }
    try {
      const order = await client.fetchQuery({ ...orderQuery(id), staleTime: 15_000 });
      if (!option || changes.some((c) => c.promise)) setForcing({ order, worker, preview });
      else if (order.worker) setMoving({ order, to: option });
      else void sendTo(order, option);
    } catch (err) {
      failed(err);
    }
  };
  const drag = useLaneDrag((what: Dragged, lane: string) => {
    if (what.from === lane) return void message.info(t.onlyWho);
    client.fetchQuery(previewQuery(what.id, lane)).then((p) => giveTo(what.id, lane, p), failed);
  });
  const laneOf = (id: string | undefined) => board.data?.lanes.find((l) => l.worker === id);
  return (
    <Page
      fill
      title={t.title}
      note={duty === undefined ? undefined : t.onDuty(count(duty))}
      act={
        <>
          <DeskNav />
          <Button
            icon={<Icon name="map" size={16} />}
            onClick={() => patch({ map: search.map === 'off' ? undefined : 'off' })}
          >
            {search.map === 'off' ? t.showMap : t.hideMap}
          </Button>
        </>
      }
    >
      <div className={css.board}>
        <div className={css.left}>
          {search.sel ? (
            <OrderPanel
              id={search.sel}
              names={names}
              doorOf={words.doorOf}
              onClose={close}
              onSend={(o, to) => void sendTo(o, to)}
              onMove={(order, to) => setMoving({ order, to })}
              onGive={setGiving}
              onUrgent={(order) => setDoing({ kind: 'urgent', order })}
            />
          ) : (
            <Unassigned
              doorOf={words.doorOf}
              busy={busy}
              onOpen={(o) => patch({ sel: o.id, worker: undefined })}
              onSend={(o) => void sendTo(o)}
              onGive={(o) => setGiving(o.id)}
              onGrab={drag.grab}
            />
          )}
          {board.data && search.map !== 'off' ? (
            <BoardMap
              board={board.data}
              search={search}
              patch={patch}
              there={there}
              why={why.data}
              at={chosen?.at}
            />
          ) : null}
        </div>
        <Loaded query={board} rows={8}>
          {(b) => (
            <DayLanes
              board={b}
              search={search}
              patch={patch}
              there={there}
              words={words}
              front={front}
              over={drag.over?.lane}
              onGrab={drag.grab}
              onGive={setGiving}
              onAct={setDoing}
            />
          )}
        </Loaded>
      </div>
      <HeldBar />
      {drag.over
        ? drag.show(
            <DropPrice
              order={drag.over.what.id}
              label={drag.over.what.label}
              to={laneOf(drag.over.lane)}
              own={drag.over.what.from !== undefined && drag.over.what.from === drag.over.lane}
              names={names}
            />,
          )
        : null}
      {giving ? (
        <GiveDialog
          order={giving}
          lanes={board.data?.lanes ?? []}
          names={names}
          onGive={(worker, preview) => {
            setGiving(undefined);
            void giveTo(giving, worker, preview);
          }}
          onClose={() => setGiving(undefined)}
        />
      ) : null}
      {moving ? (
        <MoveDialog
          order={moving.order}
          to={moving.to}
          door={words.doorOf(moving.order)}
          onClose={() => setMoving(undefined)}
          onMove={(reason) => {
            setMoving(undefined);
            void send(moving.order, moving.to, reason);
          }}
        />
      ) : null}
      {forcing ? (
        <ForceDialog
          order={forcing.order.id}
          door={words.doorOf(forcing.order)}
          name={laneOf(forcing.worker)?.name ?? names.worker(forcing.worker)}
          changes={forcing.preview.changes}
          onClose={() => setForcing(undefined)}
          onForce={(reason) => {
            setForcing(undefined);
            void send.force(forcing.order, forcing.worker, names.worker(forcing.worker), reason);
          }}
        />
      ) : null}
      {doing ? <Acting doing={doing} there={there} onClose={() => setDoing(undefined)} /> : null}
    </Page>
  );
}
