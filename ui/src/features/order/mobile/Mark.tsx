// Promise class and time left of a job; nothing for ordinary ones in time. Texts, not controls.
import { LevelMark, TimeLeft } from '@/design/core';
import type { Order } from '../api';
import { useText as useWords } from '../text';
import { clockStart, severityOf } from '../words';

/** Before the door the clock counts; at the door the work does. */
const coming = new Set<Order['state']>(['assigned', 'accepted', 'en_route', 'paused']);

export function Mark({ order: o }: { order: Order }) {
  const w = useWords();
  const severity = severityOf(o.sla);
  return (
    <>
      {severity ? <LevelMark severity={severity} word={w.sla[o.sla]} /> : null}
      {coming.has(o.state) ? (
        <TimeLeft due={o.due.limit_at} from={clockStart(o)} paused={o.due.stopped} />
      ) : null}
    </>
  );
}
