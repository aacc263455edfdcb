// Rows of work. ↑↓ move, Space or a press selects (side panel), Enter opens the page. Long lists draw only what is seen.
import { useVirtualizer } from '@tanstack/react-virtual';
import { type KeyboardEvent, type ReactNode, useEffect, useRef } from 'react';
import { StatePanel } from '../core';
import css from './console.module.css';
import { useText } from './text';

export interface Column<T> {
  key: string;
  title: ReactNode;
  /** CSS grid width: '96px', 'minmax(120px, 1fr)'. */
  width: string;
  /** Figures stand right. */
  right?: boolean;
  render: (row: T) => ReactNode;
}

export function WorkList<T>({
  label,
  rows,
  columns,
  id,
  selected,
  onSelect,
  onOpen,
  empty,
  more,
  onMore,
  loadingMore,
  maxHeight,
}: {
  /** Name of the list for screen readers. */
  label: string;
  rows: readonly T[];
  columns: readonly Column<T>[];
  id: (row: T) => string;
  selected?: string;
  onSelect?: (row: T) => void;
  onOpen?: (row: T) => void;
  /** What to say when nothing is there, with the next useful act. */
  empty?: ReactNode;
  /** There are more rows on the server. */
  more?: boolean;
  onMore?: () => void;
  loadingMore?: boolean;
  /** Scrolls inside; otherwise the list is as long as its rows. */
  maxHeight?: string;
}) {
  const t = useText();
  const box = useRef<HTMLDivElement>(null);
  const virtual = rows.length > 60 || maxHeight !== undefined;
  const v = useVirtualizer({
    count: rows.length,
    getScrollElement: () => box.current,
    estimateSize: () => 40,
    overscan: 12,
    enabled: virtual,
  });
  const template = columns.map((c) => c.width).join(' ');
  // No narrower than its columns may be; long words are cut instead of widening the list.
  const least = `calc(${columns.map((c) => /^minmax\(([^,]+),/.exec(c.width)?.[1] ?? c.width).join(' + ')} + ${columns.length + 1} * var(--s-4))`;
  const at = rows.findIndex((r) => id(r) === selected);
  const items = virtual ? v.getVirtualItems() : rows.map((_, index) => ({ index, start: 0 }));
  const last = items[items.length - 1]?.index ?? 0;

  useEffect(() => {
    if (virtual && more && !loadingMore && last >= rows.length - 10) onMore?.();
  }, [virtual, more, loadingMore, last, rows.length, onMore]);

  const move = (to: number) => {
    const row = rows[Math.max(0, Math.min(rows.length - 1, to))];
    if (!row) return;
    onSelect?.(row);
    if (virtual) v.scrollToIndex(rows.indexOf(row));
    requestAnimationFrame(() =>
      box.current?.querySelector<HTMLElement>('[aria-selected=true]')?.focus({ preventScroll: virtual }),
    );
  };
  const onKey = (e: KeyboardEvent, row: T, i: number) => {
    if (e.target !== e.currentTarget) return; // a button inside of the row has its own keys
    if (e.key === 'ArrowDown') move((at < 0 ? i : at) + 1);
    else if (e.key === 'ArrowUp') move((at < 0 ? i : at) - 1);
    else if (e.key === 'Enter') (onOpen ?? onSelect)?.(row);
    else if (e.key === ' ') onSelect?.(row);
    else return;
    e.preventDefault();
  };

  if (rows.length === 0 && empty !== undefined) {
    return typeof empty === 'string' ? <StatePanel state="empty" title={empty} /> : empty;
  }
  return (
    <div
      ref={box}
      className={css.list}
      style={virtual ? { maxHeight: maxHeight ?? 'calc(100vh - 220px)', overflowY: 'auto' } : undefined}
    >
      <div
        role="grid"
        aria-label={label}
        aria-rowcount={rows.length + 1}
        className={css.grid}
        style={{ minWidth: least }}
      >
        <div role="row" className={css.listHead} style={{ gridTemplateColumns: template }}>
          {columns.map((c) => (
            <div role="columnheader" key={c.key} data-right={c.right}>
              {c.title}
            </div>
          ))}
        </div>
        <div style={virtual ? { height: v.getTotalSize(), position: 'relative' } : undefined}>
          {items.map(({ index: i, start }) => {
            const row = rows[i];
            if (row === undefined) return null;
            const key = id(row);
            return (
              <div
                key={key}
                role="row"
                aria-rowindex={i + 2}
                aria-selected={onSelect ? key === selected : undefined}
                tabIndex={onSelect || onOpen ? (key === selected || (at < 0 && i === 0) ? 0 : -1) : undefined}
                className={css.listRow}
                data-press={Boolean(onSelect ?? onOpen)}
                style={{
                  gridTemplateColumns: template,
                  ...(virtual
                    ? { position: 'absolute', top: 0, left: 0, right: 0, transform: `translateY(${start}px)` }
                    : {}),
                }}
                onClick={() => (onSelect ?? onOpen)?.(row)}
                onDoubleClick={() => onOpen?.(row)}
                onKeyDown={(e) => onKey(e, row, i)}
              >
                {columns.map((c) => (
                  <div role="gridcell" key={c.key} data-right={c.right}>
                    {c.render(row)}
                  </div>
                ))}
              </div>
            );
          })}
        </div>
      </div>
      {more && !virtual ? (
        <button type="button" className={css.more} disabled={loadingMore} onClick={() => onMore?.()}>
          {t.more}
        </button>
      ) : null}
    </div>
  );
}
