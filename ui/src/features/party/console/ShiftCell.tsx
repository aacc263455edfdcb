// One day of one worker: the shifts as text, usual ones as buttons; for this day only or for every such weekday.
import { Button, Input } from 'antd';
import { type ReactNode, useState } from 'react';
import { useActWords } from '@/design/console';
import { Popover } from '@/design/core';
import { dayWord } from '@/design/format';
import { useSetShifts, type Worker } from '../api';
import { useText as useWords } from '../text';
import { dayOf, parseSpans, type Span, spansText, withDay, withPattern } from '../week';
import css from './party.module.css';
import { useText } from './text';

const usual = {
  off: '',
  office: '08:00-12:00, 13:30-17:30',
  early: '07:00-15:00',
  late: '13:00-21:00',
  all: '00:00-24:00',
};

export function ShiftCell({
  worker: w,
  start,
  weekdayAt,
  text,
  pattern,
}: {
  worker: Worker;
  start: number;
  /** 0 is Monday. */
  weekdayAt: number;
  text: ReactNode;
  pattern: Span[];
}) {
  const t = useText().shifts;
  const when = dayWord(start);
  return (
    <Popover text={text} label={t.cell(w.name, when)} className={css.cell}>
      {(close) => <Edit worker={w} start={start} weekdayAt={weekdayAt} pattern={pattern} onDone={close} />}
    </Popover>
  );
}

function Edit({
  worker: w,
  start,
  weekdayAt,
  pattern,
  onDone,
}: {
  worker: Worker;
  start: number;
  weekdayAt: number;
  pattern: Span[];
  onDone: () => void;
}) {
  const t = useText().shifts;
  const words = useWords();
  const set = useSetShifts();
  const { done, failed } = useActWords();
  const { spans, except } = dayOf(w, start);
  const [typed, setTyped] = useState(spansText(spans));
  const read = parseSpans(typed);
  const name = words.days[weekdayAt] ?? '';
  const save = (shifts: { week: string[]; days: Worker['days'] }) => {
    onDone();
    set.mutate({ worker: w, shifts }, { onSuccess: () => done(t.saved(w.name)), onError: failed });
  };
  return (
    <div className={css.shiftEdit}>
      <p>{t.cell(w.name, `${dayWord(start)} ${name}`)}</p>
      <div>
        {Object.entries(usual).map(([k, v]) => (
          <Button
            key={k}
            size="small"
            type={read && spansText(read) === v ? 'primary' : 'default'}
            onClick={() => setTyped(v)}
          >
            {t.quick[k]}
          </Button>
        ))}
      </div>
      <Input
        aria-label={t.hours}
        status={read ? undefined : 'error'}
        value={typed}
        onChange={(e) => setTyped(e.target.value)}
      />
      <small data-error={!read}>{read ? t.hint : t.wrong}</small>
      <div>
        <Button disabled={!read} onClick={() => read && save(withDay(w, start, spansText(read)))}>
          {t.once}
        </Button>
        <Button
          disabled={!read || spansText(read) === spansText(pattern)}
          onClick={() => {
            if (!read) return;
            const next = withPattern(w, weekdayAt, spansText(read));
            save(withDay(next, start, undefined));
          }}
        >
          {t.always(name)}
        </Button>
        {except ? (
          <Button type="text" onClick={() => save(withDay(w, start, undefined))}>
            {t.follow}
          </Button>
        ) : null}
      </div>
    </div>
  );
}
