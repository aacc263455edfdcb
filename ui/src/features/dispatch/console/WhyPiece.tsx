// Beside an order: why this worker and why not another, as it was decided and as it would be decided now.

import { useNow } from '@/design/clock';
import { Section } from '@/design/console';
import { Loaded, Why as Reasons } from '@/design/core';
import { useWhy } from '../api';
import { useText } from '../text';
import { priceLine, reasonLines } from '../words';
import { Others } from './Candidates';
import { useBoardNames, workerNames } from './useBoardNames';

export default function WhyPiece({ order }: { order: string }) {
  const t = useText();
  const now = useNow();
  const words = useBoardNames();
  const why = useWhy(order);
  return (
    <Loaded query={why} rows={3}>
      {(w) => {
        const names = workerNames(words.skill, undefined, w);
        const reasons = w.assigned?.reasons ?? w.waiting ?? [];
        const chosen = w.assigned?.worker;
        const others = w.options.filter((o) => o.worker !== chosen).slice(0, 3);
        return (
          <Section
            title={
              chosen
                ? t.why(names.worker(chosen))
                : w.assigned
                  ? t.whyPlace
                  : w.waiting
                    ? t.whyNobody
                    : t.whoNow
            }
          >
            {reasons.length === 0 ? (
              <p>{t.noWhy}</p>
            ) : (
              <Reasons
                reasons={reasonLines(reasons, names, t)}
                refused={others.map((o) => ({ name: o.name, because: priceLine(o, t, now) }))}
              />
            )}
            <Others why={w} names={names} />
          </Section>
        );
      }}
    </Loaded>
  );
}
