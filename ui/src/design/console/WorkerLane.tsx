// Workers' days side by side. A block is chosen with Enter or a press and dragged along or to another lane; the same by menu.
import { useVirtualizer } from '@tanstack/react-virtual';
import { type PointerEvent, type ReactNode, useEffect, useMemo, useRef, useState } from 'react';
import { Icon, LevelGlyph } from '../core';
import { plateLabel } from '../format';
import css from './console.module.css';
import { day, type Lane, type LaneBlock, minuteAt, tiesOf, x } from './lanes';
import { useText } from './text';

const two = (n: number) => String(n).padStart(2, '0');
const hhmm = (m: number) => `${two(Math.floor(m / 60))}:${two(m % 60)}`;
const hours = Array.from({ length: (day.to - day.from) / 60 + 1 }, (_, i) => day.from + i * 60);

export interface Move {
  block: LaneBlock;
  from: Lane;
  to: Lane;
  /** Wished start, minutes since midnight. */
  at: number;
}

export function WorkerLanes({
  lanes,
  now,
  selected,
  onSelect,
  onPreview,
  onMove,
  price,
  height = '100%',
}: {
  lanes: readonly Lane[];
  /** Minutes since midnight of the server's now. */
  now: number;
  selected?: string;
  onSelect: (block: LaneBlock, lane: Lane) => void;
  /** Asked for the price of a move while dragging, at most every 150 ms. */
  onPreview?: (move: Move) => void;
  onMove?: (move: Move) => void;
  /** The price of the move now under the finger. */
  price?: ReactNode;
  height?: string;
}) {
  const t = useText();
  const box = useRef<HTMLDivElement>(null);
  const v = useVirtualizer({
    count: lanes.length,
    getScrollElement: () => box.current,
    estimateSize: () => 48,
    overscan: 6,
  });
  const ties = useMemo(() => tiesOf(lanes), [lanes]);
  const [drag, setDrag] = useState<{ move: Move; x: number; y: number }>();
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);

  // The working day begins at the now line, not at seven.
  // It is placed again when the clock is set by the server, as long as nobody has scrolled.
  const placed = useRef({ now: Number.NEGATIVE_INFINITY, at: 0 });
  useEffect(() => {
    const b = box.current;
    const p = placed.current;
    if (!b || Math.abs(now - p.now) < 30) return;
    if (Number.isFinite(p.now) && b.scrollLeft !== p.at) return;
    b.scrollLeft = Math.max(0, x(now) - 240);
    placed.current = { now, at: b.scrollLeft };
  }, [now]);

  const start = (e: PointerEvent<HTMLElement>, block: LaneBlock, lane: Lane) => {
    if (!onMove || e.button !== 0 || block.kind !== 'visit') return;
    const x0 = e.clientX;
    const y0 = e.clientY;
    let moved: Move | undefined;
    const go = (m: globalThis.PointerEvent) => {
      if (!moved && Math.hypot(m.clientX - x0, m.clientY - y0) < 6) return;
      const over = document
        .elementsFromPoint(m.clientX, m.clientY)
        .map((n) => (n as HTMLElement).dataset?.lane)
        .find((id) => id !== undefined);
      const to = lanes.find((l) => l.id === over) ?? lane;
      const at = minuteAt(x(block.from) + m.clientX - x0);
      moved = { block, from: lane, to, at };
      setDrag({ move: moved, x: m.clientX, y: m.clientY });
      clearTimeout(timer.current);
      const asked = moved;
      timer.current = setTimeout(() => onPreview?.(asked), 150);
    };
    const stop = () => {
      removeEventListener('pointermove', go);
      removeEventListener('pointerup', end);
      removeEventListener('keydown', giveUp, true);
      clearTimeout(timer.current);
      setDrag(undefined);
    };
    const end = () => {
      stop();
      if (moved) onMove(moved);
    };
    const giveUp = (k: globalThis.KeyboardEvent) => {
      if (k.key !== 'Escape') return;
      k.stopPropagation();
      stop();
    };
    addEventListener('pointermove', go);
    addEventListener('pointerup', end);
    addEventListener('keydown', giveUp, true);
  };

  const width = (day.to - day.from) * day.px;
  return (
    <div
      ref={box}
      className={css.lanes}
      style={{ height }}
      data-dragging={Boolean(drag)}
      // a tie is cut where the names stand over the day
      onScroll={(e) => e.currentTarget.style.setProperty('--scrolled', `${e.currentTarget.scrollLeft}px`)}
    >
      <div className={css.laneScale} style={{ width: width + 168 }}>
        <span className={css.laneCorner} />
        {hours.map((h) => (
          <i key={h} style={{ left: 168 + x(h) }}>
            {hhmm(h)}
          </i>
        ))}
      </div>
      <div className={css.laneRows} style={{ height: v.getTotalSize(), width: width + 168 }}>
        {v.getVirtualItems().map(({ index, start: top }) => {
          const lane = lanes[index];
          if (!lane) return null;
          return (
            <div
              key={lane.id}
              className={css.laneRow}
              data-lane={lane.id}
              data-marked={lane.marked}
              data-over={drag?.move.to.id === lane.id && drag.move.from.id !== lane.id}
              style={{ transform: `translateY(${top}px)` }}
            >
              <div className={css.laneName}>
                <span>{lane.name}</span>
                <small>{lane.note}</small>
              </div>
              <div className={css.laneTrack} style={{ width }}>
                {lane.shifts.map((s) => (
                  <span
                    key={s.from}
                    className={css.shift}
                    style={{ left: x(s.from), width: x(s.to) - x(s.from) }}
                  />
                ))}
                {lane.blocks.map((b) =>
                  b.kind === 'travel' ? (
                    <span
                      key={b.id}
                      className={css.travel}
                      title={`${t.travel} ${b.to - b.from} ${t.unitMinutes}`}
                      style={{ left: x(b.from), width: Math.max(2, x(b.to) - x(b.from)) }}
                    />
                  ) : (
                    <button
                      type="button"
                      key={b.id}
                      className={css.block}
                      data-late={b.late}
                      data-done={b.done}
                      data-moving={drag?.move.block.id === b.id}
                      aria-pressed={b.id === selected}
                      style={{ left: x(b.from), width: Math.max(24, x(b.to) - x(b.from) - 2) }}
                      title={`${hhmm(b.from)}–${hhmm(b.to)} ${b.label}${b.note ? ` ${b.note}` : ''}`}
                      onPointerDown={(e) => start(e, b, lane)}
                      onClick={() => onSelect(b, lane)}
                    >
                      <span>
                        {b.severity ? <LevelGlyph severity={b.severity} size={12} /> : null}
                        {b.told ? <Icon name="lock" size={12} /> : null}
                        {b.pair ? <Icon name="people" size={12} /> : null}
                        {plateLabel(b.label)}
                      </span>
                      <small>{b.note}</small>
                    </button>
                  ),
                )}
              </div>
            </div>
          );
        })}
        {ties.map((tie) => (
          <span
            key={tie.id}
            className={css.tie}
            style={{
              left: 168 + x(tie.at) + 10,
              top: tie.from * 48 + 43,
              height: (tie.to - tie.from) * 48 - 38,
              clipPath: `inset(0 0 0 calc(var(--scrolled, 0px) - ${x(tie.at) + 10}px))`,
            }}
          />
        ))}
        {now >= day.from && now <= day.to ? (
          <span className={css.nowLine} style={{ left: 168 + x(now) }} title={t.nowLine} />
        ) : null}
      </div>
      {drag ? (
        <div className={css.dragTip} style={{ left: drag.x + 14, top: drag.y + 14 }}>
          <b>
            {drag.move.to.name} {hhmm(drag.move.at)}
          </b>
          <span>{price}</span>
        </div>
      ) : null}
    </div>
  );
}
