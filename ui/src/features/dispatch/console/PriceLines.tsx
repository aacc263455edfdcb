// What it would cost to give an order to somebody: the way, lateness, continuity of care, whose promise pays.
import { useQuery } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { useMinute } from '@/design/clock';
import { LevelGlyph } from '@/design/core';
import { span } from '@/design/format';
import { type Preview, previewQuery, type Reason, useOrder, type WorkerDay } from '../api';
import { pricePreview } from '../changes';
import { useText } from '../text';
import { gateWords, type Names } from '../words';
import css from './dispatch.module.css';
import { useBoardNames } from './useBoardNames';

/** A pointer on its way asks nothing. */
const settle = 150;

/** The price of order and worker, asked once the pair has stood for a moment. */
export function usePreview(order: string | undefined, worker: string | undefined) {
  const pair = order && worker ? `${order} ${worker}` : undefined;
  const [asked, setAsked] = useState<string>();
  useEffect(() => {
    const id = setTimeout(() => setAsked(pair), settle);
    return () => clearTimeout(id);
  }, [pair]);
  return useQuery({
    ...previewQuery(order ?? '', worker ?? ''),
    enabled: pair !== undefined && asked === pair,
    retry: false,
  });
}

export function PriceLines({
  order,
  preview: p,
  current,
  names,
}: {
  order: string;
  preview: Preview;
  /** Reasons for whoever has it now. */
  current?: readonly Reason[];
  names: Names;
}) {
  const t = useText();
  const now = useMinute();
  const { plate } = useBoardNames();
  const lines = pricePreview(p, current, plate, t, order, now);
  const plain = lines.filter((l) => !l.warn).map((l) => l.text);
  const warns = lines.filter((l) => l.warn).map((l) => l.text);
  if (p.refused && !p.option) warns.unshift(gateWords(p.refused, names, t));
  return (
    <ul className={css.price}>
      {p.option ? <li>{t.arrive(span(p.option.promise.from, p.option.promise.to, now))}</li> : null}
      {plain.length > 0 ? <li>{plain.join(' · ')}</li> : null}
      {warns.map((words) => (
        <li key={words} data-warn>
          <LevelGlyph severity={2} size={12} />
          {words}
        </li>
      ))}
    </ul>
  );
}

/** What hangs at the pointer while an order is dragged. */
export function DropPrice({
  order,
  label,
  to,
  own,
  names,
}: {
  order: string;
  label: string;
  /** The lane below the pointer. */
  to?: WorkerDay;
  /** It is the lane it came from. */
  own: boolean;
  names: Names;
}) {
  const t = useText();
  const preview = usePreview(order, own ? undefined : to?.worker);
  const has = useOrder(order).data;
  return (
    <>
      <b>{to && !own ? `${label} → ${to.name}` : label}</b>
      {!to ? (
        <span>{t.price.over}</span>
      ) : own ? (
        <span>{t.price.own}</span>
      ) : preview.data ? (
        <PriceLines order={order} preview={preview.data} current={has?.worker && has.why} names={names} />
      ) : (
        <span>{preview.error ? t.nobody : t.give.asking}</span>
      )}
    </>
  );
}
