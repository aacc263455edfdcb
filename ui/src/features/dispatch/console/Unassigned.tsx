// Orders nobody has, by time left. ↑↓ move among them, Enter opens one, P gives it to somebody; with the mouse one is
// dragged onto a lane. Each has its own 派单 and 派给….
import { useVirtualizer } from '@tanstack/react-virtual';
import { Button } from 'antd';
import { type KeyboardEvent, memo, type PointerEvent, useCallback, useRef } from 'react';
import { useMay } from '@/api/me';
import { useCatalogNames } from '@/api/names';
import type { Dragged } from '@/design/console';
import { DoorPlate, Loaded, StatePanel, TimeLeft } from '@/design/core';
import { count } from '@/design/format';
import { type Order, useWaiting } from '../api';
import { useHeld } from '../held';
import { useText } from '../text';
import { nobodyLine } from '../words';
import css from './dispatch.module.css';

export function Unassigned({
  doorOf,
  onOpen,
  onSend,
  onGive,
  onGrab,
  busy,
}: {
  doorOf: (o: Order) => string;
  onOpen: (o: Order) => void;
  onSend: (o: Order) => void;
  /** To somebody chosen by typing. */
  onGive: (o: Order) => void;
  /** Taken with the mouse, to be dropped on a lane. */
  onGrab: (e: PointerEvent<HTMLElement>, what: Dragged) => void;
  /** Order being sent now. */
  busy?: string;
}) {
  const t = useText();
  const waiting = useWaiting();
  const held = useHeld();
  const may = useMay();
  const rows = waiting.data?.filter((o) => o.id !== held?.subject);
  const box = useRef<HTMLDivElement>(null);
  const v = useVirtualizer({
    count: rows?.length ?? 0,
    getScrollElement: () => box.current,
    estimateSize: () => tall,
    overscan: 6,
  });
  const assign = may('dispatch.assign');
  // One set of handlers, so that a row is drawn anew only when its order changes.
  const now = useRef({ onOpen, onSend, onGive, onGrab, doorOf });
  now.current = { onOpen, onSend, onGive, onGrab, doorOf };
  const open = useCallback((o: Order) => now.current.onOpen(o), []);
  const send = useCallback((o: Order) => now.current.onSend(o), []);
  const give = useCallback((o: Order) => now.current.onGive(o), []);
  const grab = useCallback(
    (e: PointerEvent<HTMLElement>, o: Order) =>
      now.current.onGrab(e, { id: o.id, label: now.current.doorOf(o) }),
    [],
  );
  const onKey = (e: KeyboardEvent<HTMLUListElement>) => {
    const focused = document.activeElement?.closest('li')?.dataset.index;
    const at = focused === undefined ? -1 : Number(focused);
    const o = rows?.[at];
    if (e.key.toLowerCase() === 'p' && o && assign && !e.ctrlKey && !e.metaKey) {
      e.preventDefault();
      onGive(o);
      return;
    }
    const step = e.key === 'ArrowDown' ? 1 : e.key === 'ArrowUp' ? -1 : 0;
    if (!step || !rows) return;
    e.preventDefault();
    const to = Math.max(0, Math.min(rows.length - 1, at + step));
    v.scrollToIndex(to);
    requestAnimationFrame(() =>
      box.current?.querySelector<HTMLElement>(`[data-index="${to}"] [data-row]`)?.focus(),
    );
  };
  return (
    <section className={css.card} aria-label={t.waiting}>
      <header className={css.leftHead}>
        <h2>{t.waiting}</h2>
        <span>{t.count(count(rows?.length))}</span>
      </header>
      <Loaded query={{ ...waiting, data: rows }} empty={<StatePanel state="empty" title={t.nothing} />}>
        {(all) => (
          <div ref={box} className={css.rows}>
            <ul style={{ height: v.getTotalSize() }} onKeyDown={onKey}>
              {v.getVirtualItems().map(({ index, start }) => {
                const o = all[index];
                return o ? (
                  <Row
                    key={o.id}
                    index={index}
                    top={start}
                    order={o}
                    door={doorOf(o)}
                    may={assign}
                    busy={busy === o.id}
                    onOpen={open}
                    onSend={send}
                    onGive={give}
                    onGrab={grab}
                  />
                ) : null;
              })}
            </ul>
          </div>
        )}
      </Loaded>
    </section>
  );
}

/** Height of a row in pixels. */
const tall = 69;

const Row = memo(function Row({
  order: o,
  index,
  top,
  door,
  may,
  busy,
  onOpen,
  onSend,
  onGive,
  onGrab,
}: {
  order: Order;
  index: number;
  top: number;
  door: string;
  may: boolean;
  busy: boolean;
  onOpen: (o: Order) => void;
  onSend: (o: Order) => void;
  onGive: (o: Order) => void;
  onGrab: (e: PointerEvent<HTMLElement>, o: Order) => void;
}) {
  const t = useText();
  const names = useCatalogNames();
  const facility = names.specOf(o.spec)?.mode === 'facility';
  return (
    <li data-index={index} style={{ top }}>
      <button
        type="button"
        className={css.rowMain}
        data-row
        onClick={() => onOpen(o)}
        onPointerDown={may && !facility ? (e) => onGrab(e, o) : undefined}
      >
        <span className={css.rowTop}>
          <DoorPlate label={door} />
          <span className={css.rowWhat}>{names.spec(o.spec)}</span>
          <TimeLeft due={o.due.limit_at} from={o.submitted_at} paused={o.due.stopped} />
        </span>
        <small>
          {[
            o.sla === 'P1' || o.sla === 'P2' ? t.sla[o.sla] : '',
            o.persons > 1 ? t.two : '',
            nobodyLine(o.why, t),
          ]
            .filter(Boolean)
            .join(' · ')}
        </small>
      </button>
      {may ? (
        <span className={css.rowActs}>
          <Button
            size="small"
            type={index === 0 ? 'primary' : 'default'}
            loading={busy}
            onClick={() => onSend(o)}
          >
            {t.send}
          </Button>
          {facility ? null : (
            <Button size="small" type="text" onClick={() => onGive(o)}>
              {t.sendTo}
            </Button>
          )}
        </span>
      ) : null}
    </li>
  );
});
