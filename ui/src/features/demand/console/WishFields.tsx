// Earliest and latest wished time in Shanghai time; both empty means as soon as possible. Typing and arrow keys work.
import { DatePicker } from 'antd';
import dayjs from 'dayjs';
import { fromWall, toWall } from '../wall';
import { useText } from './text';

export interface Wish {
  from?: string;
  to?: string;
}

const written = 'YYYY-MM-DDTHH:mm';
const shown = 'M-D HH:mm';

export function WishFields({
  id,
  value,
  onChange,
}: {
  id?: string;
  value: Wish;
  onChange: (v: Wish) => void;
}) {
  const t = useText();
  const wall = (x: string | undefined) => (x ? dayjs(toWall(x)) : null);
  return (
    <DatePicker.RangePicker
      id={id ? { start: id, end: `${id}-end` } : undefined}
      aria-label={t.wish}
      allowEmpty={[true, true]}
      showTime={{ format: 'HH:mm', minuteStep: 15 }}
      format={shown}
      placeholder={[t.wishFrom, t.wishTo]}
      style={{ width: '100%' }}
      value={[wall(value.from), wall(value.to)]}
      onChange={(v) =>
        onChange({
          from: v?.[0] ? fromWall(v[0].format(written)) : undefined,
          to: v?.[1] ? fromWall(v[1].format(written)) : undefined,
        })
      }
    />
  );
}
