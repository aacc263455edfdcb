// Orders nobody has, by time left. ↑↓ move among them, Enter opens one; each has its own 派单 and 派给….
import { Button } from 'antd';
import { type KeyboardEvent, useRef } from 'react';
import { useMay } from '@/api/me';
import { useCatalogNames } from '@/api/names';
import { DoorPlate, Loaded, StatePanel, TimeLeft } from '@/design/core';
import { count } from '@/design/format';
import { type Order, useWaiting } from '../api';
import { useHeld } from '../held';
import { useText } from '../text';
import { nobodyLine } from '../words';
import css from './dispatch.module.css';

export function Unassigned({
  doorOf,
  onOpen,
  onSend,
  busy,
}: {
  doorOf: (o: Order) => string;
  onOpen: (o: Order) => void;
  onSend: (o: Order) => void;
  /** Order being sent now. */
  busy?: string;
}) {
  const t = useText();
  const waiting = useWaiting();
  const held = useHeld();
  const may = useMay();
  const rows = waiting.data?.filter((o) => o.id !== held?.subject);
  const list = useRef<HTMLUListElement>(null);
  const onKey = (e: KeyboardEvent<HTMLUListElement>) => {
    const step = e.key === 'ArrowDown' ? 1 : e.key === 'ArrowUp' ? -1 : 0;
    if (!step) return;
    const all = [...(list.current?.querySelectorAll<HTMLElement>('[data-row]') ?? [])];
    const at = all.findIndex((n) => n.closest('li')?.contains(document.activeElement));
    e.preventDefault();
    all[Math.max(0, Math.min(all.length - 1, at + step))]?.focus();
  };
  return (
    <section className={css.card} aria-label={t.waiting}>
      <header className={css.leftHead}>
        <h2>{t.waiting}</h2>
        <span>{t.count(count(rows?.length))}</span>
      </header>
      <Loaded query={{ ...waiting, data: rows }} empty={<StatePanel state="empty" title={t.nothing} />}>
        {(all) => (
          <ul ref={list} className={css.rows} onKeyDown={onKey}>
            {all.map((o, i) => (
              <Row
                key={o.id}
                order={o}
                door={doorOf(o)}
                first={i === 0}
                may={may('dispatch.assign')}
                busy={busy === o.id}
                onOpen={() => onOpen(o)}
                onSend={() => onSend(o)}
              />
            ))}
          </ul>
        )}
      </Loaded>
    </section>
  );
}

function Row({
  order: o,
  door,
  first,
  may,
  busy,
  onOpen,
  onSend,
}: {
  order: Order;
  door: string;
  first: boolean;
  may: boolean;
  busy: boolean;
  onOpen: () => void;
  onSend: () => void;
}) {
  const t = useText();
  const names = useCatalogNames();
  const facility = names.specOf(o.spec)?.mode === 'facility';
  return (
    <li>
      <button type="button" className={css.rowMain} data-row onClick={onOpen}>
        <span className={css.rowTop}>
          <DoorPlate label={door} />
          <span className={css.rowWhat}>{names.spec(o.spec)}</span>
          <TimeLeft due={o.due.limit_at} from={o.submitted_at} paused={o.due.stopped} />
        </span>
        <small>
          {[
            o.sla === 'P1' || o.sla === 'P2' ? t.sla[o.sla] : '',
            o.persons > 1 ? t.two : '',
            nobodyLine(o.why, t),
          ]
            .filter(Boolean)
            .join(' · ')}
        </small>
      </button>
      {may ? (
        <span className={css.rowActs}>
          <Button size="small" type={first ? 'primary' : 'default'} loading={busy} onClick={onSend}>
            {t.send}
          </Button>
          {facility ? null : (
            <Button size="small" type="text" onClick={onOpen}>
              {t.sendTo}
            </Button>
          )}
        </span>
      ) : null}
    </li>
  );
}
