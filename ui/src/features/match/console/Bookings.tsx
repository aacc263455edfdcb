// Who is expected on a day. A six-digit code finds its booking; Enter checks in.
import { Link } from '@tanstack/react-router';
import { App, Button, Input } from 'antd';
import { useState } from 'react';
import { useMay } from '@/api/me';
import { useNow } from '@/design/clock';
import { Section, useActWords } from '@/design/console';
import { Loaded } from '@/design/core';
import { clock, count, dayWord, startOfDay } from '@/design/format';
import { type Booking, useBookings, useCheckIn } from '../api';
import { bookingsOn, byCode, checkInOpen } from '../hours';
import { useText } from '../text';
import css from './match.module.css';

export function Bookings({ facility, day }: { facility: string; day: number }) {
  const t = useText();
  const now = useNow();
  const bookings = useBookings(facility, day);
  const today = startOfDay(now) === day;
  return (
    <Section title={t.bookingsOf(dayWord(day, now))}>
      <Loaded query={bookings} rows={2}>
        {(all) => {
          const rows = bookingsOn(all, day);
          return (
            <>
              {today && rows.some((b) => b.state === 'booked') ? <CheckIn rows={rows} /> : null}
              {rows.length === 0 ? <p className={css.quiet}>{t.noBookings}</p> : null}
              <ul className={css.bookings}>
                {rows.map((b) => (
                  <li key={b.id} data-gone={b.state === 'canceled'}>
                    <span>
                      {clock(b.start)}–{clock(b.end)}
                    </span>
                    <span>{t.people(count(b.persons))}</span>
                    <span data-state={b.state}>{t.bookingState[b.state] ?? b.state}</span>
                    <Link to="/orders/$id" params={{ id: b.order } as never}>
                      {t.order}
                    </Link>
                  </li>
                ))}
              </ul>
            </>
          );
        }}
      </Loaded>
    </Section>
  );
}

function CheckIn({ rows }: { rows: readonly Booking[] }) {
  const t = useText();
  const may = useMay();
  const now = useNow();
  const { message } = App.useApp();
  const { done, failed } = useActWords();
  const act = useCheckIn();
  const [code, setCode] = useState('');
  if (!may('facility.book')) return null;
  const open = rows.filter((b) => checkInOpen(b, now));
  const go = () => {
    // Who may not see the codes asks the server with the only booking that is due.
    const hidden = open.length === 1 && open[0]?.code === undefined ? open[0] : undefined;
    const booking = byCode(rows, code) ?? hidden;
    if (!booking) return void message.warning(t.noCode);
    act.mutate(
      { booking, code },
      {
        onSuccess: (b) => {
          setCode('');
          done(t.checkedIn(count(b.persons)));
        },
        onError: failed,
      },
    );
  };
  return (
    <div className={css.checkIn}>
      <Input
        aria-label={t.codeField}
        placeholder={t.codeHint}
        inputMode="numeric"
        maxLength={6}
        value={code}
        onChange={(e) => setCode(e.target.value.replace(/\D/g, ''))}
        onPressEnter={() => code.length === 6 && go()}
      />
      <Button type="primary" disabled={code.length !== 6} loading={act.isPending} onClick={go}>
        {t.checkIn}
      </Button>
    </div>
  );
}
