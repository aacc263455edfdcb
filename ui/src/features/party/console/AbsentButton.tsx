// Records an absence in one act: the usual spans are buttons, others are chosen. The orders hit are planned anew by the server.
import { Button, DatePicker, Segmented } from 'antd';
import dayjs from 'dayjs';
import { useState } from 'react';
import { serverNow } from '@/design/clock';
import { useActWords } from '@/design/console';
import { Popover } from '@/design/core';
import { isoDay, span, startOfDay } from '@/design/format';
import { type Absence, useAddAbsence, type Worker } from '../api';
import { useText as useWords } from '../text';
import { absenceFor, day, mondayOf } from '../week';
import css from './party.module.css';
import { useText } from './text';

/** The picker speaks in local time of the browser; the hub in Shanghai's. */
const shanghai = (d: dayjs.Dayjs) => new Date(`${d.format('YYYY-MM-DDTHH:mm')}:00+08:00`).toISOString();

export function AbsentButton({ worker: w }: { worker: Worker }) {
  const t = useText().absent;
  return (
    <Popover text={t.act} label={t.title(w.name)}>
      {(close) => <Choices worker={w} onDone={close} />}
    </Popover>
  );
}

function Choices({ worker: w, onDone }: { worker: Worker; onDone: () => void }) {
  const t = useText().absent;
  const words = useWords();
  const add = useAddAbsence();
  const { done, failed } = useActWords();
  const [kind, setKind] = useState<Absence['kind']>('leave');
  const [own, setOwn] = useState<{ from: string; to: string }>();
  const now = serverNow();
  const untilSunday = Math.round((mondayOf(now) + 7 * day - startOfDay(now)) / day);
  const go = (s: { from: string; to: string }) =>
    add.mutate(
      { worker: w.id, absence: { kind, ...s } },
      {
        onSuccess: () => {
          done(t.done(w.name, span(s.from, s.to)));
          onDone();
        },
        onError: failed,
      },
    );
  const first = dayjs(isoDay(now));
  return (
    <div className={css.absent}>
      <Segmented<Absence['kind']>
        block
        aria-label={t.act}
        value={kind}
        onChange={setKind}
        options={(['leave', 'sick', 'training', 'other'] as const).map((k) => ({
          value: k,
          label: words.absence[k] ?? k,
        }))}
      />
      <div>
        <Button onClick={() => go(absenceFor(now, 0, 1))}>{t.today}</Button>
        <Button onClick={() => go(absenceFor(now, 1, 1))}>{t.tomorrow}</Button>
        {untilSunday > 1 ? (
          <Button onClick={() => go(absenceFor(now, 0, untilSunday))}>{t.week}</Button>
        ) : null}
      </div>
      <DatePicker.RangePicker
        aria-label={t.own}
        showTime={{ format: 'HH:mm', minuteStep: 30, defaultValue: [first, first.add(1, 'day')] }}
        format="MM-DD HH:mm"
        placeholder={[t.from, t.to]}
        onChange={(v) => setOwn(v?.[0] && v[1] ? { from: shanghai(v[0]), to: shanghai(v[1]) } : undefined)}
      />
      {own ? (
        <Button loading={add.isPending} onClick={() => go(own)}>
          {t.go}
        </Button>
      ) : null}
    </div>
  );
}
