// The acts of the board, each with the few things it has to be told.
import { Segmented, Select } from 'antd';
import { type ReactNode, useState } from 'react';
import { useMinute } from '@/design/clock';
import { clock, millis, startOfDay } from '@/design/format';
import type { Order, Stop, WorkerDay } from '../api';
import { useText } from '../text';
import { ActDialog } from './ActDialog';
import css from './dispatch.module.css';
import { ReasonInput } from './ReasonInput';
import { useBoardNames } from './useBoardNames';

const hour = 3_600_000;
const iso = (ms: number) => new Date(ms).toISOString();

/** What the board is asked to do. */
export type Doing =
  | { kind: 'absent'; worker: WorkerDay }
  | { kind: 'no-show'; worker: WorkerDay }
  | { kind: 'urgent'; order: Order }
  | { kind: 'replan' };

export function Acting({
  doing,
  there,
  onClose,
}: {
  doing: Doing;
  there: ReadonlySet<string>;
  onClose: () => void;
}) {
  const t = useText();
  switch (doing.kind) {
    case 'absent':
      return <Absent worker={doing.worker} onClose={onClose} />;
    case 'no-show':
      return <NoShow worker={doing.worker} there={there} onClose={onClose} />;
    case 'urgent':
      return <Urgent order={doing.order} onClose={onClose} />;
    case 'replan':
      return (
        <ActDialog
          title={t.act.replanTitle}
          note={t.act.replanNote}
          act={{ kind: 'replan' }}
          ok={t.act.replanTake}
          onClose={onClose}
        />
      );
  }
}

function Absent({ worker: w, onClose }: { worker: WorkerDay; onClose: () => void }) {
  const t = useText().act;
  const now = useMinute();
  const [reason, setReason] = useState<'sick' | 'leave' | 'other'>('sick');
  const [days, setDays] = useState(1);
  const [from] = useState(now);
  return (
    <ActDialog
      title={t.absentTitle(w.name)}
      act={{
        kind: 'absent',
        worker_id: w.worker,
        from: iso(from),
        to: iso(startOfDay(from) + days * 24 * hour),
        reason,
      }}
      onClose={onClose}
    >
      <Fields>
        <Segmented
          aria-label={t.reason}
          value={reason}
          onChange={setReason}
          options={(['sick', 'leave', 'other'] as const).map((value) => ({
            value,
            label: t.absentWhy[value],
          }))}
        />
        <Segmented
          aria-label={t.absentSpan}
          value={days}
          onChange={setDays}
          options={t.absentUntil.map((label, i) => ({ value: i + 1, label }))}
        />
      </Fields>
    </ActDialog>
  );
}

/** Visits ahead of a worker, the one that should have begun first. */
export const awaited = (w: WorkerDay, there: ReadonlySet<string>): Stop[] =>
  w.stops
    .filter((s) => !s.ended && !there.has(s.order))
    .sort((a, b) => (millis(a.start) ?? 0) - (millis(b.start) ?? 0));

function NoShow({
  worker: w,
  there,
  onClose,
}: {
  worker: WorkerDay;
  there: ReadonlySet<string>;
  onClose: () => void;
}) {
  const t = useText().act;
  const words = useBoardNames();
  const [stops] = useState(() => awaited(w, there));
  const [order, setOrder] = useState(stops[0]?.order);
  return (
    <ActDialog
      title={t.noShowTitle(w.name)}
      note={order ? t.noShowNote : t.nothingToGive}
      act={order ? { kind: 'no-show', order_id: order } : undefined}
      onClose={onClose}
    >
      {stops.length > 1 ? (
        <Fields>
          <Select
            aria-label={t.noShowWhich}
            className={css.wideField}
            value={order}
            onChange={setOrder}
            options={stops.map((s) => ({
              value: s.order,
              label: `${clock(s.start)} ${words.plate(s.place)} ${words.spec(s.spec)}`,
            }))}
          />
        </Fields>
      ) : null}
    </ActDialog>
  );
}

function Urgent({ order: o, onClose }: { order: Order; onClose: () => void }) {
  const t = useText().act;
  const { doorOf } = useBoardNames();
  const [reason, setReason] = useState('');
  const given = reason.trim();
  return (
    <ActDialog
      title={t.urgentTitle(doorOf(o))}
      note={t.urgentNote}
      act={given ? { kind: 'urgent', order_id: o.id, reason: given } : undefined}
      onClose={onClose}
    >
      <Fields>
        <ReasonInput value={reason} onChange={setReason} />
      </Fields>
    </ActDialog>
  );
}

function Fields({ children }: { children: ReactNode }) {
  return <div className={css.fields}>{children}</div>;
}
