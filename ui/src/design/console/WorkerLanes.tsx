// Workers' days side by side. Arrow keys go from visit to visit, Enter chooses one, P gives it to somebody, the name
// opens what can be done with a worker; with the mouse a block is dragged to another lane.
import { defaultRangeExtractor, useVirtualizer } from '@tanstack/react-virtual';
import {
  type KeyboardEvent,
  memo,
  type PointerEvent,
  useCallback,
  useEffect,
  useLayoutEffect,
  useMemo,
  useRef,
  useState,
} from 'react';
import css from './console.module.css';
import { LaneRow } from './LaneRow';
import { type Cell, day, type Lane, type LaneBlock, step, tiesOf, x } from './lanes';
import { useText } from './text';
import type { Dragged } from './useLaneDrag';

/** Room that stays around what takes the focus. */
const margin = 16;

/** Scrolls what has the focus out from under the hours and the names; the names themselves never scroll sideways. */
function reveal(box: HTMLElement, node: HTMLElement, sideways: boolean): void {
  const b = box.getBoundingClientRect();
  const n = node.getBoundingClientRect();
  const top = b.top + 32 + margin;
  const bottom = b.bottom - margin;
  if (n.top < top) box.scrollTop -= top - n.top;
  else if (n.bottom > bottom) box.scrollTop += n.bottom - bottom;
  if (!sideways) return;
  const left = b.left + day.name + margin;
  const right = b.right - margin;
  if (n.left < left) box.scrollLeft -= left - n.left;
  else if (n.right > right) box.scrollLeft += Math.min(n.right - right, n.left - left);
}

const two = (n: number) => String(n).padStart(2, '0');
const hours = Array.from({ length: (day.to - day.from) / 60 + 1 }, (_, i) => day.from + i * 60);
const width = (day.to - day.from) * day.px;

export const WorkerLanes = memo(function WorkerLanes({
  lanes,
  now,
  label,
  selected,
  onSelect,
  onGive,
  onWorker,
  onGrab,
  over,
  begin = now,
}: {
  lanes: readonly Lane[];
  /** Minutes since midnight of the moment shown; outside of the day there is no line. */
  now: number;
  label: string;
  /** Id of the chosen block. */
  selected?: string;
  onSelect: (block: LaneBlock, lane: Lane) => void;
  /** Somebody wants to give the visit away, by key. */
  onGive?: (block: LaneBlock, lane: Lane) => void;
  /** The name of a lane was pressed. */
  onWorker?: (lane: Lane, name: HTMLElement) => void;
  /** A visit is taken with the mouse; see useLaneDrag. */
  onGrab?: (e: PointerEvent<HTMLElement>, what: Dragged) => void;
  /** Id of the lane something is dragged over. */
  over?: string;
  /** Minute the view begins at; left out: the now line. */
  begin?: number;
}) {
  const t = useText();
  const box = useRef<HTMLDivElement>(null);
  const [active, setActive] = useState<Cell>();
  const moved = useRef(false);
  const rows = useRef(lanes);
  rows.current = lanes;
  const found = active ? lanes.findIndex((l) => l.id === active.lane) : -1;
  // Tab enters at the row of the keyboard, or at the first one.
  const keyed = Math.max(0, found);
  const v = useVirtualizer({
    count: lanes.length,
    getScrollElement: () => box.current,
    estimateSize: () => day.row,
    overscan: 6,
    useFlushSync: false,
    // the row that holds the focus stays, however far the others are scrolled
    rangeExtractor: useCallback(
      (r: Parameters<typeof defaultRangeExtractor>[0]) => {
        const seen = defaultRangeExtractor(r);
        return seen.includes(keyed) || keyed >= r.count ? seen : [...seen, keyed].sort((a, b) => a - b);
      },
      [keyed],
    ),
  });
  const ties = useMemo(() => tiesOf(lanes), [lanes]);

  // The working day begins at the now line, not at seven.
  // It is placed again when the clock is set by the server, as long as nobody has scrolled.
  const placed = useRef({ now: Number.NEGATIVE_INFINITY, at: 0 });
  useEffect(() => {
    const b = box.current;
    const p = placed.current;
    if (!b || Math.abs(begin - p.now) < 30) return;
    if (Number.isFinite(p.now) && b.scrollLeft !== p.at) return;
    b.scrollLeft = Math.max(0, x(begin) - 240);
    placed.current = { now: begin, at: b.scrollLeft };
  }, [begin]);

  useLayoutEffect(() => {
    if (!moved.current || !active) return;
    moved.current = false;
    const b = box.current;
    const row = b?.querySelector(`[data-lane="${CSS.escape(active.lane)}"]`);
    const at = active.block ? `[data-block="${CSS.escape(active.block)}"]` : '[data-name]';
    const node = row?.querySelector<HTMLElement>(at);
    if (!b || !node) return;
    node.focus({ preventScroll: true });
    reveal(b, node, active.block !== undefined);
  }, [active]);

  const find = (e: KeyboardEvent) => {
    const node = e.target as HTMLElement;
    const lane = lanes.find((l) => l.id === node.closest<HTMLElement>('[data-lane]')?.dataset.lane);
    const block = lane?.blocks.find((b) => b.id === node.dataset.block);
    return { lane, block };
  };
  const onKey = (e: KeyboardEvent) => {
    if (e.ctrlKey || e.metaKey || e.altKey) return;
    const { lane, block } = find(e);
    if (!lane) return;
    if (e.key.toLowerCase() === 'p' && block && onGive) {
      e.preventDefault();
      onGive(block, lane);
      return;
    }
    const to = step(lanes, { lane: lane.id, block: block?.id }, e.key);
    if (!to) return;
    e.preventDefault();
    moved.current = true;
    setActive(to);
  };
  const grab = useRef(onGrab);
  grab.current = onGrab;
  const select = useRef(onSelect);
  select.current = onSelect;
  const worker = useRef(onWorker);
  worker.current = onWorker;
  // One set of handlers for the life of the page, so that a row is drawn anew only when its day changes.
  const acts = useMemo(() => {
    const lane = (id: string) => rows.current.find((l) => l.id === id);
    return {
      focus: (id: string, block?: string) =>
        setActive((a) => (a?.lane === id && a.block === block ? a : { lane: id, block })),
      select: (id: string, b: LaneBlock) => {
        const l = lane(id);
        if (l) select.current(b, l);
      },
      grab: (e: PointerEvent<HTMLElement>, id: string, b: LaneBlock) =>
        grab.current?.(e, { id: b.id, label: b.label, from: id }),
      name: (id: string, node: HTMLElement) => {
        const l = lane(id);
        if (l) worker.current?.(l, node);
      },
    };
  }, []);

  return (
    <div ref={box} className={css.lanes} data-lanes data-dragging={over !== undefined}>
      <div className={css.laneScale} style={{ width: width + day.name }} aria-hidden="true">
        <span className={css.laneCorner} />
        {hours.map((h) => (
          <i key={h} style={{ left: day.name + x(h) }}>
            {two(h / 60)}:00
          </i>
        ))}
      </div>
      <div
        role="grid"
        aria-label={label}
        aria-rowcount={lanes.length}
        tabIndex={-1}
        className={css.laneRows}
        style={{ height: v.getTotalSize(), width: width + day.name }}
        onKeyDown={onKey}
      >
        {v.getVirtualItems().map(({ index, start }) => {
          const lane = lanes[index];
          if (!lane) return null;
          return (
            <LaneRow
              key={lane.id}
              lane={lane}
              index={index}
              top={start}
              selected={lane.blocks.some((b) => b.id === selected) ? selected : undefined}
              tab={index === keyed ? (found < 0 ? '' : (active?.block ?? '')) : undefined}
              over={over === lane.id}
              grabs={onGrab !== undefined}
              acts={acts}
            />
          );
        })}
        {ties.map((tie) => (
          <span
            key={tie.id}
            aria-hidden="true"
            className={css.tie}
            style={{
              left: day.name + x(tie.at) + 10,
              top: tie.from * day.row + 43,
              height: (tie.to - tie.from) * day.row - 38,
            }}
          />
        ))}
        {now >= day.from && now <= day.to ? (
          <span
            className={css.nowLine}
            style={{ transform: `translateX(${day.name + x(now)}px)` }}
            title={t.nowLine}
            aria-hidden="true"
          />
        ) : null}
      </div>
    </div>
  );
});
