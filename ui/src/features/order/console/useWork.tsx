// The orders on the duty home: all that run and wait for somebody of ours, each with the act that moves it.
import { lazy, Suspense } from 'react';
import { useMay } from '@/api/me';
import { useScope } from '@/api/scope';
import type { WorkRow } from '@/design/console/frame';
import { useActWords } from '@/design/console/useActWords';
import { span } from '@/design/format';
import { type Order, useDispatch, useOrders, useUrge } from '../api';
import { useText as useWords } from '../text';
import { clockStart, nameOf, reasonsIn } from '../words';
import { Class } from './Marks';
import { useText } from './text';

// The names of places come with the map's data, which the first load must not hold.
const Plate = lazy(() => import('./Plate').then((m) => ({ default: m.Plate })));

/** What a resident is to confirm or rate waits for the resident, not for the desk. */
const ours = (o: Order) => o.state !== 'finished' && o.state !== 'confirmed';

export function useWork(): WorkRow[] | undefined {
  const t = useText();
  const w = useWords();
  const may = useMay();
  const say = useActWords();
  const dispatch = useDispatch();
  const urge = useUrge();
  const q = useOrders({ place: useScope() || undefined });
  const actOf = (o: Order): WorkRow['act'] => {
    if ((o.state === 'open' || o.state === 'waiting') && may('dispatch.assign')) {
      return {
        label: t.dispatch,
        run: () =>
          dispatch.mutate(o.id, {
            onSuccess: (d) =>
              say.done(
                d.waiting || !d.assigned
                  ? t.stillWaiting(reasonsIn(w, d.reasons)[0]?.text ?? w.state.waiting)
                  : t.dispatched(span(d.assigned.promise.from, d.assigned.promise.to)),
              ),
            onError: say.failed,
          }),
      };
    }
    if (o.state !== 'rated' && o.state !== 'arrived' && may('dispatch.urge')) {
      return {
        label: t.urge,
        run: () => urge.mutate(o.id, { onSuccess: (u) => say.done(t.urged(u.times)), onError: say.failed }),
      };
    }
    return undefined;
  };
  return q.items?.filter(ours).map((o) => ({
    id: o.id,
    due: o.due.limit_at,
    from: clockStart(o),
    paused: o.due.stopped,
    where: (
      <Suspense fallback={null}>
        <Plate order={o} />
      </Suspense>
    ),
    grade: <Class sla={o.sla} quiet />,
    what: nameOf(o),
    who: o.name,
    state: w.state[o.state],
    to: `/orders/${o.id}`,
    act: actOf(o),
  }));
}
