// Ways nobody can pass: pointed at on the map, with what it changes shown first, and opened again from the list.
import { Button, Segmented } from 'antd';
import { useState } from 'react';
import { useMay } from '@/api/me';
import { useMinute } from '@/design/clock';
import { useActWords } from '@/design/console';
import { Icon } from '@/design/core';
import { count, moment, startOfDay } from '@/design/format';
import type { Spot } from '../api';
import { type Closure, useOpenRoad } from '../roads';
import { useText } from '../text';
import { ActDialog } from './ActDialog';
import css from './dispatch.module.css';
import { ReasonInput } from './ReasonInput';

const day = 24 * 3_600_000;
const radii = [20, 50, 100, 200] as const;
const spans = [1, 2, 3, 7] as const;

/** Asks how far around the spot and until when; shows whose promise it costs. */
export function CloseRoad({
  at,
  radius,
  onRadius,
  onClose,
}: {
  at: Spot;
  radius: number;
  onRadius: (m: number) => void;
  onClose: () => void;
}) {
  const t = useText().act;
  const [from] = useState(useMinute());
  const [days, setDays] = useState<number>(spans[0]);
  const [reason, setReason] = useState('');
  const given = reason.trim();
  const to = new Date(startOfDay(from) + days * day).toISOString();
  return (
    <ActDialog
      title={t.roadTitle}
      note={t.roadNote}
      act={
        given
          ? { kind: 'close-road', to, reason: given, road: { lng: at.lng, lat: at.lat, radius_m: radius } }
          : undefined
      }
      onClose={onClose}
    >
      <div className={css.fields}>
        <ReasonInput value={reason} onChange={setReason} />
        <Segmented
          aria-label={t.roadAround}
          value={radius}
          onChange={onRadius}
          options={radii.map((value) => ({ value, label: t.meters(count(value)) }))}
        />
        <Segmented
          aria-label={t.roadUntil}
          value={days}
          onChange={setDays}
          options={spans.map((value, i) => ({ value, label: t.roadDays[i] }))}
        />
      </div>
    </ActDialog>
  );
}

/** The button on the map, and what is closed now. */
export function Roads({
  closed,
  pointing,
  onPointing,
}: {
  closed: readonly Closure[];
  pointing: boolean;
  onPointing: (on: boolean) => void;
}) {
  const t = useText().act;
  const may = useMay()('dispatch.assign');
  const minute = useMinute();
  const open = useOpenRoad();
  const { done, failed } = useActWords();
  if (!may && closed.length === 0) return null;
  return (
    <div className={css.roads}>
      {may ? (
        <Button
          icon={<Icon name="pin" size={16} />}
          aria-pressed={pointing}
          onClick={() => onPointing(!pointing)}
        >
          {pointing ? t.roadStop : t.road}
        </Button>
      ) : null}
      {pointing ? <p role="status">{t.roadPoint}</p> : null}
      {closed.length > 0 && !pointing ? (
        <ul aria-label={t.roadClosed}>
          {closed.map((c) => (
            <li key={c.id}>
              <span>
                {c.reason || t.roadClosed}
                <small>{t.roadSpan(moment(c.until, minute))}</small>
              </span>
              {may ? (
                <Button
                  size="small"
                  type="text"
                  loading={open.isPending && open.variables === c.id}
                  onClick={() => open.mutate(c.id, { onSuccess: () => done(t.roadOpened), onError: failed })}
                >
                  {t.roadOpen}
                </Button>
              ) : null}
            </li>
          ))}
        </ul>
      ) : null}
    </div>
  );
}
