// One facility beside the list: what it is, how full it gets, who is expected. Check-in by the code the resident shows.
import { Link } from '@tanstack/react-router';
import { Button, Segmented } from 'antd';
import { useState } from 'react';
import { useMay } from '@/api/me';
import { useCatalogNames } from '@/api/names';
import { useNow } from '@/design/clock';
import { Facts, Section, SidePanel } from '@/design/console';
import { DoorPlate, Loaded, StatePanel } from '@/design/core';
import { clock, count, dayWord, startOfDay, weekday } from '@/design/format';
import { useLang } from '@/i18n';
import { useTown } from '@/map/town';
import { type Facility, type Slot, useKinds, useOrgs, useSlots } from '../api';
import { hoursWords, kindName, running, stateOf } from '../hours';
import { useText } from '../text';
import { Bookings } from './Bookings';
import { CloseDialog } from './CloseDialog';
import { DropIn } from './DropIn';
import css from './match.module.css';

const day = 86_400_000;

export function FacilityPanel({
  facility: f,
  day: ahead,
  onDay,
  onClose,
}: {
  facility: Facility;
  /** Days from today. */
  day: number;
  onDay: (d: number) => void;
  onClose: () => void;
}) {
  const t = useText();
  const lang = useLang();
  const may = useMay();
  const now = useNow();
  const town = useTown();
  const catalog = useCatalogNames();
  const kinds = useKinds();
  const orgs = useOrgs();
  const [closing, setClosing] = useState(false);
  const today = startOfDay(now);
  const start = today + ahead * day;
  const org = orgs?.find((o) => o.id === f.org)?.name;
  return (
    <SidePanel
      label={f.name}
      head={
        <>
          <h2>{f.name}</h2>
          <DoorPlate label={town.door(f.place)} />
        </>
      }
      onClose={onClose}
      acts={
        may('facility.write') ? (
          <>
            <Link to="/facilities/$id" params={{ id: f.id } as never}>
              <Button>{t.edit}</Button>
            </Link>
            <Button onClick={() => setClosing(true)}>{t.close}</Button>
          </>
        ) : undefined
      }
    >
      <Facts
        rows={[
          [t.kind, kindName(kinds, f.kind, lang)],
          [t.services, f.specs.map(catalog.spec).join(t.and)],
          [t.hours, hoursWords(f.hours, t)],
          [t.seats, `${count(f.capacity)} · ${f.slot_min} ${t.minutes}`],
          [t.stepFree, f.step_free ? t.stepFreeLong : '—'],
          ...(org ? [[t.org, org] as [string, string]] : []),
        ]}
      />
      <div className={css.gap} />
      <Section title={t.slots}>
        <Segmented
          block
          size="small"
          aria-label={t.slots}
          value={ahead}
          onChange={onDay}
          options={Array.from({ length: 7 }, (_, i) => ({
            value: i,
            label: i < 2 ? dayWord(today + i * day, now) : weekday(today + i * day),
          }))}
        />
        <Slots id={f.id} from={start} now={now} />
      </Section>
      <Bookings facility={f.id} day={start} />
      {closing ? <CloseDialog facility={f} day={start} onClose={() => setClosing(false)} /> : null}
    </SidePanel>
  );
}

/** The slots of a day: how many seats are taken, why one is closed, how many came. */
function Slots({ id, from, now }: { id: string; from: number; now: number }) {
  const t = useText();
  const slots = useSlots(id, from, from + day);
  const words = (s: Slot) => {
    const state = stateOf(s, now);
    if (state === 'closed') return t.closed[s.closed ?? ''] ?? s.closed;
    return state === 'full' ? t.full : t.left(count(s.capacity - s.booked));
  };
  return (
    <Loaded query={slots} rows={3} empty={<StatePanel state="empty" title={t.noSlots} />}>
      {(all) => (
        <>
          <Past slots={all.filter((s) => stateOf(s, now) === 'past')} />
          <DropIn slot={all.find((s) => running(s, now))} />
          <ul className={css.slots}>
            {all
              .filter((s) => stateOf(s, now) !== 'past')
              .map((s) => (
                <li key={s.start} data-state={stateOf(s, now)}>
                  <span>{clock(s.start)}</span>
                  <span className={css.seats} title={t.ofSeats(count(s.booked), count(s.capacity))}>
                    <i style={{ width: `${Math.min(100, (100 * s.booked) / s.capacity)}%` }} />
                  </span>
                  <small>{t.ofSeats(count(s.booked), count(s.capacity))}</small>
                  <small>{words(s)}</small>
                </li>
              ))}
          </ul>
        </>
      )}
    </Loaded>
  );
}

/** What is over needs one line, not a row each. */
function Past({ slots }: { slots: readonly Slot[] }) {
  const t = useText();
  if (slots.length === 0) return null;
  const sum = (of: (s: Slot) => number) => count(slots.reduce((n, s) => n + of(s), 0));
  return (
    <p className={css.past}>
      {t.pastSlots(
        count(slots.length),
        sum((s) => s.booked),
        sum((s) => s.used),
      )}
    </p>
  );
}
