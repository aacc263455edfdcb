// The dispatcher's desk: what waits on the left, whose day it fits into beside it, and where all of it is.
import { useSearch } from '@tanstack/react-router';
import { Button } from 'antd';
import { useCallback, useMemo, useState } from 'react';
import { useNow } from '@/design/clock';
import { Page, useSearchPatch } from '@/design/console';
import { Icon, Loaded } from '@/design/core';
import { count } from '@/design/format';
import { type Option, type Order, useBoard, useOrder, useWhy } from '../api';
import { dayOf, onDuty } from '../board';
import { useText } from '../text';
import { BoardMap } from './BoardMap';
import { DayLanes } from './DayLanes';
import css from './dispatch.module.css';
import { HeldBar } from './HeldBar';
import type { Search } from './index';
import { MoveDialog } from './MoveDialog';
import { OrderPanel } from './OrderPanel';
import { Unassigned } from './Unassigned';
import { useBoardNames, workerNames } from './useBoardNames';
import { useSend } from './useSend';

export function DispatchPage() {
  const t = useText();
  const search = useSearch({ strict: false }) as Search;
  const patch = useSearchPatch<Search>();
  const now = useNow();
  const words = useBoardNames();
  const { date } = dayOf(now, Number(search.day ?? 0));
  const board = useBoard(date);
  const why = useWhy(search.sel ?? '');
  const chosen = useOrder(search.sel ?? '').data;
  const send = useSend(words.doorOf);
  const [moving, setMoving] = useState<{ order: Order; to?: Option }>();
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
  const duty = board.data?.lanes.filter((l) => onDuty(l, now)).length;

  const sendTo = async (o: Order, to?: Option) => {
    setBusy(o.id);
    await send(o, to);
    setBusy(undefined);
    if (search.sel) close();
  };
  return (
    <Page
      fill
      title={t.title}
      note={duty === undefined ? undefined : t.onDuty(count(duty))}
      act={
        <Button
          icon={<Icon name="map" size={16} />}
          onClick={() => patch({ map: search.map === 'off' ? undefined : 'off' })}
        >
          {search.map === 'off' ? t.showMap : t.hideMap}
        </Button>
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
            />
          ) : (
            <Unassigned
              doorOf={words.doorOf}
              busy={busy}
              onOpen={(o) => patch({ sel: o.id, worker: undefined })}
              onSend={(o) => void sendTo(o)}
            />
          )}
          {board.data && search.map !== 'off' ? (
            <BoardMap board={board.data} search={search} patch={patch} why={why.data} at={chosen?.at} />
          ) : null}
        </div>
        <Loaded query={board} rows={8}>
          {(b) => (
            <DayLanes
              board={b}
              search={search}
              patch={patch}
              onMove={(order, to) => setMoving({ order, to })}
              words={words}
              front={front}
            />
          )}
        </Loaded>
      </div>
      <HeldBar />
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
    </Page>
  );
}
