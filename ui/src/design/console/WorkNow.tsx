// Everything that waits, of all features, in one list by time left, each row with its one act. ↑↓ move, Enter opens; rows hold still under the pointer.
import { useNavigate } from '@tanstack/react-router';
import { Button } from 'antd';
import { type ReactNode, useState } from 'react';
import { StatePanel, TimeLeft } from '../core';
import { count, millis } from '../format';
import type { WorkRow, WorkSource } from './frame';
import { Panel } from './Page';
import { useText } from './text';
import { WorkList } from './WorkList';

/** As many as one looks through; the lanes above lead to all of them. */
const most = 40;

export function WorkNow({
  title,
  sources,
  empty,
}: {
  title: string;
  sources: readonly WorkSource[];
  empty: string;
}) {
  return (
    <Gather sources={sources} rows={[]} pending={false}>
      {(rows, pending) =>
        pending && rows.length === 0 ? (
          <StatePanel state="loading" rows={8} />
        ) : (
          <List title={title} rows={rows} empty={empty} />
        )
      }
    </Gather>
  );
}

/** Asks one source after the other, so that each keeps its hooks in order. */
function Gather({
  sources: [first, ...rest],
  rows,
  pending,
  children,
}: {
  sources: readonly WorkSource[];
  rows: readonly WorkRow[];
  pending: boolean;
  children: (rows: readonly WorkRow[], pending: boolean) => ReactNode;
}) {
  return first ? (
    <One source={first} rest={rest} rows={rows} pending={pending}>
      {children}
    </One>
  ) : (
    children(rows, pending)
  );
}

function One({
  source,
  rest,
  rows,
  pending,
  children,
}: {
  source: WorkSource;
  rest: readonly WorkSource[];
  rows: readonly WorkRow[];
  pending: boolean;
  children: (rows: readonly WorkRow[], pending: boolean) => ReactNode;
}) {
  const mine = source.useRows();
  return (
    <Gather sources={rest} rows={[...rows, ...(mine ?? [])]} pending={pending || mine === undefined}>
      {children}
    </Gather>
  );
}

/** By time left; what has no limit comes last. */
export function byTimeLeft(rows: readonly WorkRow[]): WorkRow[] {
  const due = (r: WorkRow) => (r.paused ? undefined : millis(r.due)) ?? Number.POSITIVE_INFINITY;
  return [...rows].sort((a, b) => (due(a) === due(b) ? 0 : due(a) - due(b)));
}

/** The rows in the order they were held in; what is gone leaves, what is new comes after. */
export function inHeldOrder(rows: readonly WorkRow[], held: readonly string[]): WorkRow[] {
  const at = new Map(held.map((id, i) => [id, i]));
  return byTimeLeft(rows).sort((a, b) => (at.get(a.id) ?? held.length) - (at.get(b.id) ?? held.length));
}

function List({ title, rows, empty }: { title: string; rows: readonly WorkRow[]; empty: string }) {
  const t = useText();
  const navigate = useNavigate();
  const [held, setHeld] = useState<readonly string[]>();
  const shown = (held ? inHeldOrder(rows, held) : byTimeLeft(rows)).slice(0, most);
  return (
    <Panel
      flush
      title={title}
      note={rows.length > most ? t.firstOf(count(most), count(rows.length)) : undefined}
    >
      <div onPointerEnter={() => setHeld(shown.map((r) => r.id))} onPointerLeave={() => setHeld(undefined)}>
        <WorkList
          label={title}
          rows={shown}
          id={(r) => r.id}
          onOpen={(r) => void navigate({ to: r.to })}
          empty={empty}
          columns={[
            {
              key: 'left',
              title: t.work.left,
              width: '136px',
              render: (r) => <TimeLeft due={r.due} from={r.from} paused={r.paused} />,
            },
            { key: 'grade', title: '', width: '64px', render: (r) => r.grade },
            { key: 'where', title: t.work.where, width: '168px', render: (r) => r.where },
            {
              key: 'what',
              title: t.work.what,
              width: 'minmax(120px, 1fr)',
              // the longest text must not widen the list
              render: (r) => (
                <span
                  style={{
                    display: 'block',
                    width: 0,
                    minWidth: '100%',
                    overflow: 'hidden',
                    textOverflow: 'ellipsis',
                  }}
                >
                  {r.what}
                </span>
              ),
            },
            { key: 'who', title: t.work.who, width: '80px', render: (r) => r.who || '—' },
            { key: 'state', title: t.work.state, width: '84px', render: (r) => r.state },
            {
              key: 'act',
              title: '',
              width: '88px',
              right: true,
              render: (r) =>
                r.act ? (
                  <Button
                    size="small"
                    onClick={(e) => {
                      e.stopPropagation();
                      r.act?.run();
                    }}
                  >
                    {r.act.label}
                  </Button>
                ) : null,
            },
          ]}
        />
      </div>
    </Panel>
  );
}
