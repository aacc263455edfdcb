// Lane of the duty home: demands that wait for a clerk; marked red while words of danger stand among them. A link to them.
import { LaneCard } from '@/design/console';
import { count } from '@/design/format';
import { useCounts } from '../api';
import { useText } from './text';

export function QueueLane() {
  const t = useText();
  const c = useCounts().data;
  const danger = c?.attention ?? 0;
  const late = c?.overdue ?? 0;
  return (
    <LaneCard
      title={t.lane}
      value={c ? (c.open.queued ?? 0) : undefined}
      unit={t.laneUnit}
      severity={danger > 0 ? 5 : undefined}
      detail={c ? (danger ? t.laneDanger(count(danger)) : late ? t.laneLate(count(late)) : t.laneFine) : ''}
      to="/demands"
      search={danger > 0 ? { mark: 'danger' } : {}}
    />
  );
}
