// 待派单 at the head of the duty home: how many, and the one that presses most.
import { useCatalogNames } from '@/api/names';
import { LaneCard } from '@/design/console';
import { TimeLeft } from '@/design/core';
import { useWaiting, useWaitingCount } from '../api';
import { useText } from '../text';
import { useBoardNames } from './useBoardNames';

export default function WaitingLane() {
  const t = useText();
  const n = useWaitingCount();
  const first = useWaiting().data?.[0];
  const catalog = useCatalogNames();
  const words = useBoardNames();
  return (
    <LaneCard
      title={t.lane}
      value={n}
      unit={t.waitingUnit}
      to="/dispatch"
      detail={
        first ? (
          <>
            <TimeLeft due={first.due.limit_at} from={first.submitted_at} paused={first.due.stopped} />{' '}
            {t.laneFirst(words.doorOf(first), catalog.spec(first.spec))}
          </>
        ) : undefined
      }
    />
  );
}
