// One worker's day in the lanes. Drawn anew only when the day itself changes.
import { memo, type PointerEvent } from 'react';
import { Icon } from '../core';
import css from './console.module.css';
import { day, type Lane, type LaneBlock, x } from './lanes';

const width = (day.to - day.from) * day.px;

export interface LaneActs {
  focus: (lane: string, block?: string) => void;
  select: (lane: string, block: LaneBlock) => void;
  grab: (e: PointerEvent<HTMLElement>, lane: string, block: LaneBlock) => void;
  name: (lane: string, node: HTMLElement) => void;
}

export const LaneRow = memo(function LaneRow({
  lane,
  index,
  top,
  selected,
  tab,
  over,
  grabs,
  acts,
}: {
  lane: Lane;
  index: number;
  top: number;
  selected?: string;
  /** Where Tab enters: the id of a visit, '' for the name; undefined: elsewhere. */
  tab?: string;
  over: boolean;
  /** Visits can be dragged. */
  grabs: boolean;
  acts: LaneActs;
}) {
  return (
    <div
      role="row"
      aria-rowindex={index + 1}
      className={css.laneRow}
      data-lane={lane.id}
      data-marked={lane.marked}
      data-over={over}
      style={{ top }}
    >
      <div role="rowheader" className={css.laneName}>
        <button
          type="button"
          data-name
          tabIndex={tab === '' ? 0 : -1}
          onFocus={() => acts.focus(lane.id)}
          onClick={(e) => acts.name(lane.id, e.currentTarget)}
        >
          <span>{lane.name}</span>
          <small>{lane.note}</small>
        </button>
      </div>
      <div role="gridcell" className={css.laneTrack} style={{ width }}>
        {lane.shifts.map((s) => (
          <span key={s.from} className={css.shift} style={{ left: x(s.from), width: x(s.to) - x(s.from) }} />
        ))}
        {lane.blocks.map((b) =>
          b.kind === 'travel' ? (
            <span
              key={b.id}
              className={css.travel}
              title={b.title}
              style={{ left: x(b.from), width: Math.max(2, x(b.to) - x(b.from)) }}
            />
          ) : (
            <button
              type="button"
              key={b.id}
              className={css.block}
              data-block={b.id}
              data-late={b.late}
              data-done={b.done}
              data-fresh={b.fresh}
              aria-pressed={b.id === selected}
              aria-label={b.title}
              tabIndex={tab === b.id ? 0 : -1}
              style={{ left: x(b.from), width: Math.max(24, x(b.to) - x(b.from) - 2) }}
              title={b.title}
              onFocus={() => acts.focus(lane.id, b.id)}
              onPointerDown={grabs && !b.done ? (e) => acts.grab(e, lane.id, b) : undefined}
              onClick={() => acts.select(lane.id, b)}
            >
              <span>
                <b>{b.label}</b>
                <br />
                <small>
                  {b.told ? <Icon name="lock" size={12} /> : null}
                  {b.pair ? <Icon name="people" size={12} /> : null}
                  {b.note}
                </small>
              </span>
            </button>
          ),
        )}
      </div>
    </div>
  );
});
