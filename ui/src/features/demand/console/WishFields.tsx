// Earliest and latest wished time; both empty means as soon as possible. The browser's own time fields, in Shanghai time.
import { Input } from 'antd';
import { fromWall, toWall } from '../wall';
import css from './demand.module.css';
import { useText } from './text';

export interface Wish {
  from?: string;
  to?: string;
}

export function WishFields({ value, onChange }: { value: Wish; onChange: (v: Wish) => void }) {
  const t = useText();
  return (
    <div className={css.pair}>
      <Input
        type="datetime-local"
        aria-label={`${t.wish}: ${t.wishFrom}`}
        value={toWall(value.from)}
        onChange={(e) => onChange({ ...value, from: fromWall(e.target.value) })}
      />
      <span>–</span>
      <Input
        type="datetime-local"
        aria-label={`${t.wish}: ${t.wishTo}`}
        value={toWall(value.to)}
        onChange={(e) => onChange({ ...value, to: fromWall(e.target.value) })}
      />
    </div>
  );
}
