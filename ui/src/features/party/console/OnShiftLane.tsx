// How many are at work now, and how many called off.
import { useScope } from '@/api/scope';
import { LaneCard } from '@/design/console';
import { count } from '@/design/format';
import { useWorkers } from '../api';
import { useText } from './text';

export default function OnShiftLane() {
  const t = useText().lane;
  const scope = useScope();
  const { items } = useWorkers({ state: 'active', place: scope || undefined });
  const on = items?.filter((w) => w.on_shift && !w.away).length;
  const away = items?.filter((w) => w.away).length ?? 0;
  const off = items ? items.length - (on ?? 0) - away : 0;
  return (
    <LaneCard
      title={t.title}
      value={on}
      unit={t.unit}
      detail={
        items
          ? [away ? t.away(count(away)) : t.all, off ? t.off(count(off)) : ''].filter(Boolean).join(' · ')
          : ''
      }
      to="/parties"
      search={{ tab: 'workers' }}
    />
  );
}
