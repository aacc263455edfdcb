import { useQueryClient } from '@tanstack/react-query';
import { useCallback } from 'react';
import { useCatalogNames } from '@/api/names';
import { useActWords } from '@/design/console';
import { span } from '@/design/format';
import { type Answer, dispatch, keys, type Option, type Order, readWhy, type Wish } from '../api';
import { hold } from '../held';
import { useText } from '../text';
import { nobodyLine } from '../words';

/** Sends somebody: the one named, or the best there is now. Tells what came of it. */
export function useSend(doorOf: (o: Order) => string): (o: Order, to?: Option, reason?: string) => Promise<void> {
  const client = useQueryClient();
  const names = useCatalogNames();
  const { done, failed } = useActWords();
  const t = useText();
  return useCallback(
    async (o, to, reason) => {
      const refresh = () => {
        for (const queryKey of [keys.boards, keys.allOrders, keys.counts, keys.whys, keys.order(o.id)])
          void client.invalidateQueries({ queryKey });
      };
      const tell = (a: Answer, name: string) => {
        const when = a.assigned ? span(a.assigned.promise.from, a.assigned.promise.to) : '';
        if (a.waiting || !a.assigned) failedWords(t.done.waiting(nobodyLine(a.reasons, t)));
        else if (a.assigned.facility) done(t.done.facility(when));
        else done(t.done.worker(name, when));
      };
      const failedWords = (words: string) => failed(new Refusal(words));
      const send = (wish: Wish, name: string, leaving = false) =>
        dispatch(wish, { keepalive: leaving })
          .then((a) => tell(a, name), failed)
          .finally(refresh);
      if (!to && names.specOf(o.spec)?.mode === 'facility') return send({ order: o.id, reason }, '');
      let option = to;
      if (!option) {
        try {
          const why = await readWhy(o.id);
          client.setQueryData(keys.why(o.id), why);
          option = why.options.find((x) => x.worker !== o.worker?.id);
          if (!option) {
            failedWords(t.done.waiting(nobodyLine(why.waiting, t)));
            return;
          }
        } catch (err) {
          failed(err);
          return;
        }
      }
      const chosen = option;
      const wish = { order: o.id, worker: chosen.worker, reason };
      // What is urgent is told at once; a second thought costs a call then.
      if (o.sla === 'P1') return send(wish, chosen.name);
      const when = span(chosen.promise.from, chosen.promise.to);
      hold(t.held.to(doorOf(o), chosen.name, when), o.id, (leaving) => void send(wish, chosen.name, leaving));
    },
    [client, names, done, failed, t, doorOf],
  );
}

/** A refusal the screen words itself. */
class Refusal extends Error {}
