// One lane of work at the head of a page: how many, how long the first has, and the way to them. A link when `to` is given.
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { LevelGlyph } from '../core';
import { count } from '../format';
import css from './console.module.css';

export function LaneCard({
  title,
  value,
  unit,
  severity,
  detail,
  to,
  search,
  act,
}: {
  title: string;
  value: number | undefined;
  unit: string;
  /** Marks the lane while something of this grade waits in it. */
  severity?: number;
  /** The most pressing one, in a line. */
  detail?: ReactNode;
  to?: string;
  search?: Record<string, unknown>;
  act?: ReactNode;
}) {
  const body = (
    <>
      <span className={css.laneTitle}>
        {severity && value ? <LevelGlyph severity={severity} size={16} /> : null}
        {title}
      </span>
      <span className={css.laneValue}>
        {count(value)}
        <small>{unit}</small>
      </span>
      <span className={css.laneDetail}>{detail}</span>
    </>
  );
  return (
    <section className={css.lane}>
      {to ? (
        <Link to={to} search={search as never} className={css.laneLink}>
          {body}
        </Link>
      ) : (
        <div className={css.laneLink}>{body}</div>
      )}
      {act ? <div className={css.laneAct}>{act}</div> : null}
    </section>
  );
}
