import { useQueryClient } from '@tanstack/react-query';
import { App } from 'antd';
import { useMemo } from 'react';
import { useCatalogNames } from '@/api/names';
import { useActWords } from '@/design/console';
import { span } from '@/design/format';
import { type Answer, dispatch, keys, type Option, type Order, readWhy, type Wish } from '../api';
import { hold } from '../held';
import { useText } from '../text';
import { nobodyLine } from '../words';

/** Sends somebody: the one named, or the best there is now. Tells what came of it. */
export interface Send {
  (o: Order, to?: Option, reason?: string): Promise<void>;
  /** Sends somebody whose other visits give way. */
  force: (o: Order, worker: string, name: string, reason: string) => Promise<void>;
}

export function useSend(doorOf: (o: Order) => string): Send {
  const client = useQueryClient();
  const { message } = App.useApp();
  const names = useCatalogNames();
  const { done, failed } = useActWords();
  const t = useText();
  return useMemo(() => {
    const nobody = (a: { reasons?: Answer['reasons'] }) =>
      void message.warning(t.done.waiting(nobodyLine(a.reasons, t)), 6);
    const go = async (wish: Wish, name: string, leaving = false) => {
      try {
        const a = await dispatch(wish, { keepalive: leaving });
        const when = a.assigned ? span(a.assigned.promise.from, a.assigned.promise.to) : '';
        if (a.waiting || !a.assigned) nobody(a);
        else done(a.assigned.facility ? t.done.facility(when) : t.done.worker(name, when));
      } catch (err) {
        failed(err);
      }
      for (const queryKey of [keys.boards, keys.allOrders, keys.counts, keys.whys, keys.order(wish.order)])
        void client.invalidateQueries({ queryKey });
    };
    const send = async (o: Order, to?: Option, reason?: string): Promise<void> => {
      if (!to && names.specOf(o.spec)?.mode === 'facility') return go({ order: o.id, reason }, '');
      let chosen = to;
      if (!chosen) {
        try {
          const why = await readWhy(o.id);
          client.setQueryData(keys.why(o.id), why);
          chosen = why.options.find((x) => x.worker !== o.worker?.id);
          if (!chosen) return nobody({ reasons: why.waiting ?? [] });
        } catch (err) {
          return failed(err);
        }
      }
      const { worker, name, promise } = chosen;
      const wish = { order: o.id, worker, reason };
      // What is urgent is told at once: five seconds count there.
      if (o.sla === 'P1') return go(wish, name);
      const words = t.held.to(doorOf(o), name, span(promise.from, promise.to));
      hold(words, o.id, (leaving) => void go(wish, name, leaving));
    };
    const force = (o: Order, worker: string, name: string, reason: string) =>
      go({ order: o.id, worker, reason, displace: true }, name);
    return Object.assign(send, { force });
  }, [client, message, names, done, failed, t, doorOf]);
}
