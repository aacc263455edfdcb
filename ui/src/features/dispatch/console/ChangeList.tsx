// What an act changes, a row a visit: who and when before and after, what was told, what becomes of the promise.
import { type ReactNode, useMemo } from 'react';
import { useCatalogNames } from '@/api/names';
import { type Column, WorkList } from '@/design/console';
import { DoorPlate, Icon, LevelMark } from '@/design/core';
import type { Change, Cost } from '../api';
import { changeSides, costLines, promiseWord, sortChanges } from '../changes';
import { useText } from '../text';
import css from './dispatch.module.css';
import { useBoardNames } from './useBoardNames';

export function ChangeList({
  changes,
  day,
  selected,
  onSelect,
  more,
  maxHeight = '320px',
}: {
  changes: readonly Change[];
  /** A moment of the day that needs no name in the rows. */
  day: number;
  selected?: string;
  onSelect?: (order: string) => void;
  /** A column at the end. */
  more?: { title: string; width: string; render: (c: Change) => ReactNode };
  maxHeight?: string;
}) {
  const t = useText();
  const { plate } = useBoardNames();
  const catalog = useCatalogNames();
  const rows = useMemo(() => sortChanges(changes), [changes]);
  const columns: Column<Change>[] = [
    {
      key: 'door',
      title: t.change.door,
      width: 'minmax(132px, 1fr)',
      render: (c) => <DoorPlate label={plate(c.place)} />,
    },
    {
      key: 'what',
      title: t.change.what,
      width: 'minmax(72px, 1fr)',
      render: (c) => catalog.spec(c.spec || c.item),
    },
    {
      key: 'before',
      title: t.change.before,
      width: 'minmax(104px, 1fr)',
      render: (c) => <span className={css.quiet}>{changeSides(c, t, day).before}</span>,
    },
    {
      key: 'after',
      title: t.change.after,
      width: 'minmax(104px, 1fr)',
      render: (c) => changeSides(c, t, day).after,
    },
    {
      key: 'marks',
      title: '',
      width: '168px',
      render: (c) => <Marks change={c} />,
    },
    ...(more
      ? [{ key: 'more', title: more.title, width: more.width, right: true, render: more.render }]
      : []),
  ];
  return (
    <WorkList
      label={t.change.list}
      rows={rows}
      columns={columns}
      id={(c) => c.order}
      selected={selected}
      onSelect={onSelect && ((c) => onSelect(c.order))}
      maxHeight={maxHeight}
    />
  );
}

function Marks({ change: c }: { change: Change }) {
  const t = useText();
  const promise = promiseWord(c, t);
  return (
    <span className={css.changeMarks}>
      {promise ? <LevelMark severity={c.to_worker ? 2 : 3} word={promise} /> : null}
      {c.told ? (
        <span className={css.told} title={t.change.toldTitle}>
          <Icon name="lock" size={14} />
          {t.change.told}
        </span>
      ) : null}
    </span>
  );
}

/** The cost before and after, in words. */
export function CostWords({ before, after }: { before: Cost; after: Cost }) {
  const t = useText();
  return (
    <dl className={css.cost} aria-label={t.cost.label}>
      {costLines(before, after, t).map((l) => (
        <div key={l.name} data-worse={l.worse}>
          <dt>{l.name}</dt>
          <dd>
            {l.change}
            {l.detail ? <small>{l.detail}</small> : null}
          </dd>
        </div>
      ))}
    </dl>
  );
}
