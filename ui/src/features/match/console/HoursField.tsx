// Open hours as rows: on which days, from when to when. A value of a form, so it takes value and onChange.
import { Button, Checkbox, Select } from 'antd';
import { Icon } from '@/design/core';
import { hhmm, type Opening, weekDays } from '../hours';
import { useText } from '../text';
import css from './match.module.css';

const times = Array.from({ length: 49 }, (_, i) => ({ value: i * 30, label: hhmm(i * 30) }));

export function HoursField({
  value = [],
  onChange,
}: {
  value?: Opening[];
  onChange?: (v: Opening[]) => void;
}) {
  const t = useText();
  const set = (i: number, patch: Partial<Opening>) =>
    onChange?.(value.map((o, j) => (j === i ? { ...o, ...patch } : o)));
  const days = weekDays.map((d) => ({ value: d as number, label: t.weekShort[d] ?? '' }));
  return (
    <div className={css.hours}>
      {value.map((o, i) => (
        <div key={i} className={css.opening}>
          <Checkbox.Group
            aria-label={t.days}
            options={days}
            value={o.days}
            onChange={(v) => set(i, { days: v as number[] })}
          />
          <div>
            <Select
              aria-label={t.closeFrom}
              options={times.slice(0, -1)}
              value={o.from}
              onChange={(from) => set(i, { from })}
            />
            <span>–</span>
            <Select
              aria-label={t.closeTo}
              options={times.slice(1)}
              value={o.to}
              onChange={(to) => set(i, { to })}
            />
            {value.length > 1 ? (
              <Button
                type="text"
                aria-label={t.removeHours}
                title={t.removeHours}
                icon={<Icon name="close" size={16} />}
                onClick={() => onChange?.(value.filter((_, j) => j !== i))}
              />
            ) : null}
          </div>
        </div>
      ))}
      <Button
        type="dashed"
        icon={<Icon name="plus" size={16} />}
        onClick={() => onChange?.([...value, { days: [6, 0], from: 540, to: 1020 }])}
      >
        {t.addHours}
      </Button>
    </div>
  );
}
