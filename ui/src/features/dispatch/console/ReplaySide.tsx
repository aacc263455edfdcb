// Beside a past day: the map of the moment, and what had happened until then.
import { useMemo } from 'react';
import { useCatalogNames } from '@/api/names';
import { MapPanel } from '@/design/console';
import { StatePanel } from '@/design/core';
import { clock, millis } from '@/design/format';
import type { Spot } from '../api';
import type { History } from '../history';
import type { Event, Moment } from '../replay';
import { useText } from '../text';
import css from './dispatch.module.css';
import { useBoardNames } from './useBoardNames';

/** Acts of the day that are listed. */
const shown = 80;

/** The last things that had happened at a moment, the latest first. */
export const latest = (events: readonly Event[], at: number) => {
  const n = events.findIndex((e) => e.at > at);
  const until = n < 0 ? events.length : n;
  return events.slice(Math.max(0, until - shown), until).reverse();
};

export function ReplaySide({
  history: h,
  moment: m,
  at,
  events,
  selected,
  onSelect,
}: {
  history: History;
  moment: Moment;
  at: number;
  /** What happened, the latest first. */
  events: readonly Event[];
  selected?: string;
  onSelect: (order: string) => void;
}) {
  const t = useText();
  const words = useBoardNames();
  const catalog = useCatalogNames();
  const about = useMemo(() => new Map(h.visits.map((v) => [v.order, v])), [h]);
  const names = useMemo(
    () =>
      new Map([
        ...h.visits.map((v) => [v.worker, v.name] as const),
        ...m.lanes.map((l) => [l.worker, l.name] as const),
      ]),
    [h, m.lanes],
  );
  // Where people were is not kept: the map shows what waited and what was being served.
  const markers = useMemo(() => {
    const mark = (order: string, kind: 'home' | 'order', at?: Spot) =>
      at && (at.lng || at.lat) ? [{ id: `o:${order}`, lng: at.lng, lat: at.lat, kind }] : [];
    const served = m.lanes
      .flatMap((l) => l.stops)
      .filter((s) => !s.ended && (millis(s.start) ?? 0) <= at && at < (millis(s.end) ?? 0));
    return [
      ...served.flatMap((s) => mark(s.order, 'home', s.at)),
      ...m.waiting.flatMap((w) => mark(w.order, 'order', about.get(w.order)?.at)),
    ];
  }, [m, about, at]);
  const line = (e: Event) => {
    const v = e.order ? about.get(e.order) : undefined;
    const join = (...parts: (string | undefined)[]) => parts.filter(Boolean).join(' · ');
    return {
      title: join(
        t.replay.kinds[e.kind] ?? t.replay.kindOther,
        v && words.plate(v.place),
        e.worker && names.get(e.worker),
      ),
      detail: join(
        v && catalog.item(v.item),
        e.by ? t.replay.by(e.by) : undefined,
        e.kind === 'absent' ? t.act.absentWhy[e.reason as 'sick'] : e.reason,
      ),
    };
  };
  return (
    <div className={css.replaySide}>
      <section className={css.map} aria-label={t.map}>
        <MapPanel
          label={t.mapLabel}
          markers={markers}
          selected={selected && `o:${selected}`}
          onPick={(p) => p.kind === 'marker' && p.id.startsWith('o:') && onSelect(p.id.slice(2))}
        />
      </section>
      <section className={css.card} aria-label={t.replay.acts}>
        <header className={css.leftHead}>
          <h2>{t.replay.acts}</h2>
        </header>
        {events.length === 0 ? (
          <StatePanel state="empty" title={t.replay.noActs} />
        ) : (
          // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by the keyboard
          <ol className={css.actRows} tabIndex={0}>
            {events.map((e) => (
              <li key={`${e.at} ${e.kind} ${e.order ?? ''} ${e.worker ?? ''}`} data-by={e.by !== undefined}>
                <time dateTime={new Date(e.at).toISOString()}>{clock(e.at)}</time>
                <span>{line(e).title}</span>
                <small>{line(e).detail}</small>
              </li>
            ))}
          </ol>
        )}
      </section>
    </div>
  );
}
