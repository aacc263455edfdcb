// Lane of the duty home: orders that are late or have less than half an hour left. A link to their list.
import { useScope } from '@/api/scope';
import { LaneCard } from '@/design/console';
import { count } from '@/design/format';
import { useBoard } from '../api';
import { useText } from './text';

export function LateLane() {
  const t = useText();
  const b = useBoard(useScope()).data;
  const n = b ? b.late + b.soon : undefined;
  return (
    <LaneCard
      title={t.lane}
      value={n}
      unit={t.laneUnit}
      detail={b ? (n ? t.laneLate(count(b.late), count(b.soon)) : t.laneNone) : ''}
      to="/orders"
      search={{ show: 'late' }}
    />
  );
}
