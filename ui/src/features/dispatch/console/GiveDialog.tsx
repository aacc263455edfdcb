// 派给…: choose a worker by typing. ↑↓ go through the list, the price of the marked one stands beside it, Enter gives.
import { Input, Modal } from 'antd';
import { type KeyboardEvent, useEffect, useMemo, useRef, useState } from 'react';
import { useMinute } from '@/design/clock';
import { DoorPlate, Loaded, StatePanel } from '@/design/core';
import { type Preview, useOrder, useWhy, type Why, type WorkerDay } from '../api';
import { useText } from '../text';
import { gateWords, type Names, priceLine } from '../words';
import css from './dispatch.module.css';
import { PriceLines, usePreview } from './PriceLines';
import { useBoardNames } from './useBoardNames';

interface Row {
  worker: string;
  name: string;
  note: string;
  can: boolean;
}

export function GiveDialog({
  order,
  lanes,
  names,
  onGive,
  onClose,
}: {
  order: string;
  /** Lanes of the day, for organization and skills. */
  lanes: readonly WorkerDay[];
  names: Names;
  onGive: (worker: string, preview: Preview) => void;
  onClose: () => void;
}) {
  const t = useText();
  const words = useBoardNames();
  const why = useWhy(order);
  const o = useOrder(order).data;
  const door = o ? words.doorOf(o) : '';
  return (
    <Modal
      open
      title={
        <span className={css.giveTitle}>
          {t.give.title('')}
          {door ? <DoorPlate label={door} /> : null}
        </span>
      }
      footer={null}
      onCancel={onClose}
      width={680}
      destroyOnHidden
    >
      <Loaded query={why} rows={6}>
        {(w) => <Chooser why={w} lanes={lanes} names={names} onGive={onGive} />}
      </Loaded>
    </Modal>
  );
}

function Chooser({
  why,
  lanes,
  names,
  onGive,
}: {
  why: Why;
  lanes: readonly WorkerDay[];
  names: Names;
  onGive: (worker: string, preview: Preview) => void;
}) {
  const t = useText();
  const now = useMinute();
  const words = useBoardNames();
  const [typed, setTyped] = useState('');
  const [at, setAt] = useState(0);
  const list = useRef<HTMLDivElement>(null);
  const current = why.assigned?.worker;
  const rows = useMemo(() => {
    const all: Row[] = [
      ...why.options.map((o) => ({ worker: o.worker, name: o.name, note: priceLine(o, t, now), can: true })),
      ...why.others.map((r) => ({
        worker: r.worker,
        name: r.name,
        note: gateWords(r, names, t),
        can: false,
      })),
    ].filter((r) => r.worker !== current);
    const q = typed.trim().toLowerCase();
    if (q === '') return all;
    const by = new Map(lanes.map((l) => [l.worker, l]));
    return all.filter((r) => {
      const l = by.get(r.worker);
      const more = l ? [words.org(l.org ?? ''), ...l.skills.map((k) => words.skill(k.code))] : [];
      return [r.name, ...more].join(' ').toLowerCase().includes(q);
    });
  }, [why, typed, lanes, current, names, words, t, now]);
  const row = rows[Math.min(at, rows.length - 1)];
  const preview = usePreview(why.order, row?.worker);
  useEffect(() => {
    list.current?.querySelector('[aria-selected=true]')?.scrollIntoView({ block: 'nearest' });
  });
  const give = () => row && preview.data && onGive(row.worker, preview.data);
  const onKey = (e: KeyboardEvent) => {
    if (e.nativeEvent.isComposing) return; // Enter and arrows belong to the input method
    if (e.key === 'ArrowDown') setAt(Math.min(rows.length - 1, at + 1));
    else if (e.key === 'ArrowUp') setAt(Math.max(0, at - 1));
    else if (e.key === 'Enter') give();
    else return;
    e.preventDefault();
  };
  return (
    <div className={css.give}>
      <Input
        autoFocus
        role="combobox"
        aria-expanded
        aria-controls="give-list"
        aria-activedescendant={row ? `give-${row.worker}` : undefined}
        aria-label={t.give.find}
        placeholder={t.give.find}
        value={typed}
        onChange={(e) => {
          setTyped(e.target.value);
          setAt(0);
        }}
        onKeyDown={onKey}
      />
      {rows.length === 0 ? (
        <StatePanel state="empty" title={t.give.none} />
      ) : (
        <div className={css.giveBody}>
          <div
            ref={list}
            id="give-list"
            role="listbox"
            aria-label={t.give.title('')}
            className={css.giveList}
          >
            {rows.map((r, i) => (
              // biome-ignore lint/a11y/useKeyWithClickEvents: the field above takes the keys
              <div
                key={r.worker}
                id={`give-${r.worker}`}
                role="option"
                aria-selected={r === row}
                data-can={r.can}
                onClick={() => setAt(i)}
                onDoubleClick={give}
              >
                <b>{r.name}</b>
                <small>{r.note}</small>
              </div>
            ))}
          </div>
          <section className={css.givePrice} aria-live="polite">
            {row ? <h3>{t.price.to(row.name)}</h3> : null}
            {preview.data ? (
              <PriceLines
                order={why.order}
                preview={preview.data}
                current={why.assigned?.reasons ?? undefined}
                names={names}
              />
            ) : (
              <p className={css.quiet}>{t.give.asking}</p>
            )}
            {row && preview.data && (preview.data.option || preview.data.changes.length > 0) ? (
              <button type="button" className={css.giveAct} onClick={give}>
                {preview.data.changes.some((c) => c.promise) ? t.force.act : current ? t.move : t.send}
              </button>
            ) : null}
          </section>
        </div>
      )}
    </div>
  );
}
