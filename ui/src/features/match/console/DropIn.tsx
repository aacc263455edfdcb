// Those who simply come: the house counts them into the slot that runs now.
import { Button, InputNumber } from 'antd';
import { useState } from 'react';
import { useMay } from '@/api/me';
import { useActWords } from '@/design/console';
import { count } from '@/design/format';
import { type Slot, useVisit } from '../api';
import { useText } from '../text';
import css from './match.module.css';

export function DropIn({ slot }: { slot: Slot | undefined }) {
  const t = useText();
  const may = useMay();
  const { done, failed } = useActWords();
  const act = useVisit();
  const [persons, setPersons] = useState<number | null>(1);
  if (!slot || !may('facility.write') || slot.booked >= slot.capacity) return null;
  const go = () =>
    persons &&
    act.mutate(
      { id: slot.facility, persons },
      {
        onSuccess: (s) => {
          setPersons(1);
          done(t.droppedIn(count(persons), count(s.capacity - s.booked)));
        },
        onError: failed,
      },
    );
  return (
    <div className={css.checkIn}>
      <InputNumber
        aria-label={t.dropInField}
        min={1}
        max={slot.capacity - slot.booked}
        precision={0}
        suffix={t.dropInHint}
        value={persons}
        onChange={setPersons}
        onPressEnter={go}
        className={css.dropIn}
      />
      <Button disabled={!persons} loading={act.isPending} onClick={go}>
        {t.dropIn}
      </Button>
    </div>
  );
}
