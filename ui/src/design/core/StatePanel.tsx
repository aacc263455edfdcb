// What a panel shows when it has no data to show: loading, empty, error, stale, no right. Each offers at most one act.
import { type ReactNode, useEffect, useState } from 'react';
import { Problem, wordsOf } from '@/api/problem';
import { useBase } from '@/i18n/base';
import { Icon, type IconName } from '../icons/Icon';
import css from './core.module.css';

export type PanelState = 'loading' | 'empty' | 'setup' | 'error' | 'forbidden' | 'suppressed';

const icons: Record<Exclude<PanelState, 'loading'>, IconName> = {
  empty: 'check',
  setup: 'plus',
  error: 'warn',
  forbidden: 'lock',
  suppressed: 'people',
};

export function StatePanel({
  state,
  title,
  detail,
  act,
  rows = 4,
  inline,
}: {
  state: PanelState;
  title?: ReactNode;
  detail?: ReactNode;
  /** The one useful act: a button or link. */
  act?: ReactNode;
  /** Rows of the skeleton. */
  rows?: number;
  inline?: boolean;
}) {
  const t = useBase();
  if (state === 'loading') return <Skeleton rows={rows} label={t.loading} />;
  return (
    <div
      className={css.state}
      data-inline={inline}
      data-testid={`state-${state}`}
      role={state === 'error' ? 'alert' : undefined}
    >
      <Icon name={icons[state]} size={24} />
      <p>{title ?? (state === 'suppressed' ? t.suppressed : '')}</p>
      {detail ? <small>{detail}</small> : null}
      {act}
    </div>
  );
}

/** Nothing for 200 ms, then gray rows: a fast answer never flickers. */
function Skeleton({ rows, label }: { rows: number; label: string }) {
  const [late, setLate] = useState(false);
  useEffect(() => {
    const id = setTimeout(() => setLate(true), 200);
    return () => clearTimeout(id);
  }, []);
  return (
    <div className={css.skeleton} data-testid="state-loading" role="status" aria-label={label}>
      {late ? Array.from({ length: rows }, (_, i) => <i key={i} data-n={i % 4} />) : null}
    </div>
  );
}

/** The part of a query that the panel needs; react-query results fit. */
export interface Reading<T> {
  data: T | undefined;
  error: unknown;
  refetch?: () => unknown;
}

/**
 * Shows the data of a query, or the state it is in. Old data stays while new data is read;
 * an error beside old data is a line above it.
 */
export function Loaded<T>({
  query,
  empty,
  isEmpty,
  rows,
  children,
}: {
  query: Reading<T>;
  /** What to show when there is nothing: a sentence, or a whole StatePanel. */
  empty?: ReactNode;
  isEmpty?: (data: T) => boolean;
  rows?: number;
  children: (data: T) => ReactNode;
}) {
  const { data, error } = query;
  if (data === undefined) {
    return error ? (
      <Failed error={error} retry={query.refetch} />
    ) : (
      <StatePanel state="loading" rows={rows} />
    );
  }
  const nothing = isEmpty ? isEmpty(data) : Array.isArray(data) && data.length === 0;
  if (nothing && empty !== undefined) {
    return typeof empty === 'string' ? <StatePanel state="empty" title={empty} /> : empty;
  }
  return (
    <>
      {error ? <Failed error={error} retry={query.refetch} inline /> : null}
      {children(data)}
    </>
  );
}

/** A failure in words, with one way to try again and the number to quote on the phone. */
export function Failed({
  error,
  retry,
  inline,
}: {
  error: unknown;
  retry?: () => unknown;
  inline?: boolean;
}) {
  const t = useBase();
  const id = error instanceof Problem ? error.requestId : '';
  const forbidden = error instanceof Problem && error.kind === 'forbidden';
  return (
    <StatePanel
      state={forbidden ? 'forbidden' : 'error'}
      inline={inline}
      title={wordsOf(error)}
      detail={id ? t.requestNo(id) : undefined}
      act={
        retry && !forbidden ? (
          <button type="button" className={css.button} onClick={() => retry()}>
            {t.retry}
          </button>
        ) : undefined
      }
    />
  );
}
