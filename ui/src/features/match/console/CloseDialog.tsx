// Closing a facility for a time, or opening it again. Bookings are never dropped silently: those hit are listed with their orders.
import { Link } from '@tanstack/react-router';
import { DatePicker, Modal, Radio } from 'antd';
import dayjs, { type Dayjs } from 'dayjs';
import { useState } from 'react';
import { useActWords } from '@/design/console';
import { clock, count, moment } from '@/design/format';
import { type Booking, type Facility, useClose } from '../api';
import { useText } from '../text';
import css from './match.module.css';

/** The picker speaks in local time of the browser; the hub in Shanghai's. */
const shanghai = (d: Dayjs) => Date.parse(`${d.format('YYYY-MM-DDTHH:mm')}:00+08:00`);

export function CloseDialog({
  facility,
  day,
  onClose,
}: {
  facility: Facility;
  day: number;
  onClose: () => void;
}) {
  const t = useText();
  const { done, failed } = useActWords();
  const act = useClose();
  const first = dayjs(new Date(day + 8 * 3_600_000).toISOString().slice(0, 10));
  const [span, setSpan] = useState<[Dayjs, Dayjs]>([first.hour(8), first.hour(20)]);
  const [reason, setReason] = useState('maintenance');
  const [hit, setHit] = useState<Booking[]>();
  const submit = () =>
    act.mutate(
      { id: facility.id, from: shanghai(span[0]), to: shanghai(span[1]), reason },
      {
        onSuccess: (list) => {
          if (reason === '') {
            done(t.reopened);
            onClose();
          } else setHit(list);
        },
        onError: failed,
      },
    );
  if (hit) {
    return (
      <Modal
        open
        title={hit.length > 0 ? t.hitTitle(count(hit.length)) : t.closedDone}
        footer={null}
        onCancel={onClose}
        width={480}
      >
        <p className={css.quiet}>{hit.length > 0 ? t.hitNote : t.hitNone}</p>
        <ul className={css.bookings}>
          {hit.map((b) => (
            <li key={b.id}>
              <span>
                {moment(b.start)}–{clock(b.end)}
              </span>
              <span>{t.people(count(b.persons))}</span>
              <span />
              <Link to="/orders/$id" params={{ id: b.order } as never} onClick={onClose}>
                {t.order}
              </Link>
            </li>
          ))}
        </ul>
      </Modal>
    );
  }
  return (
    <Modal
      open
      title={reason === '' ? t.reopenTitle(facility.name) : t.closeTitle(facility.name)}
      okText={reason === '' ? t.reopen : t.closeAct}
      confirmLoading={act.isPending}
      onOk={submit}
      onCancel={onClose}
      width={480}
    >
      <div className={css.dialog}>
        <DatePicker.RangePicker
          aria-label={t.closeFrom}
          showTime={{ format: 'HH:mm', minuteStep: 10 }}
          format="YYYY-MM-DD HH:mm"
          allowClear={false}
          value={span}
          onChange={(v) => v?.[0] && v[1] && setSpan([v[0], v[1]])}
        />
        <Radio.Group
          aria-label={t.closeWhy}
          value={reason}
          onChange={(e) => setReason(e.target.value as string)}
          options={[
            ...Object.entries(t.closed).map(([value, label]) => ({ value, label })),
            { value: '', label: t.reopen },
          ]}
        />
        {reason === '' ? null : <p className={css.quiet}>{t.closeNote}</p>}
      </div>
    </Modal>
  );
}
