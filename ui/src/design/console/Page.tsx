// A page of the console: title, one primary act, content. `fill` gives the content the whole height.
import type { ReactNode } from 'react';
import css from './console.module.css';

export function Page({
  title,
  note,
  act,
  children,
  fill,
  side,
}: {
  title: ReactNode;
  /** Beside the title: a count, an as-of time. */
  note?: ReactNode;
  /** The one primary button of the view, and quiet ones before it. */
  act?: ReactNode;
  children: ReactNode;
  /** For boards and maps that scroll inside. */
  fill?: boolean;
  /** A SidePanel; the list stays beside it. */
  side?: ReactNode;
}) {
  return (
    <div className={css.split} data-fill={fill}>
      <main className={css.pageBody}>
        <header className={css.pageHead}>
          <h1>{title}</h1>
          {note ? <div className={css.pageNote}>{note}</div> : null}
          <div className={css.pageAct}>{act}</div>
        </header>
        {children}
      </main>
      {side}
    </div>
  );
}

/** One surface on the ground: a titled part of a page. Panels are never nested. */
export function Panel({
  title,
  note,
  act,
  children,
  flush,
}: {
  title?: ReactNode;
  note?: ReactNode;
  act?: ReactNode;
  children: ReactNode;
  /** The content touches the edges: tables, maps. */
  flush?: boolean;
}) {
  return (
    <section className={css.panel} data-flush={flush}>
      {title ? (
        <header>
          <h2>{title}</h2>
          {note ? <small>{note}</small> : null}
          <div>{act}</div>
        </header>
      ) : null}
      <div className={css.panelBody}>{children}</div>
    </section>
  );
}

/** Facts in two columns: name and value. */
export function Facts({ rows }: { rows: [name: ReactNode, value: ReactNode][] }) {
  return (
    <dl className={css.facts}>
      {rows.map(([k, v], i) => (
        <div key={i}>
          <dt>{k}</dt>
          <dd>{v ?? '—'}</dd>
        </div>
      ))}
    </dl>
  );
}
