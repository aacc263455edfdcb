// The chosen order beside the list: plate, class and time left on top, acts at the bottom. Escape closes it.
import { useNow } from '@/design/clock';
import { Section, SidePanel } from '@/design/console';
import { Loaded, Slot } from '@/design/core';
import { useOrder } from '../api';
import { useText as useWords } from '../text';
import { nameOf } from '../words';
import { Class, Left } from './Marks';
import { OrderActs } from './OrderActs';
import { Plate } from './Plate';
import { Clocks, OrderFacts, OrderWhy, StepList, Timeline } from './parts';
import { useText } from './text';

export function OrderPanel({ id, onClose }: { id: string; onClose: () => void }) {
  const t = useText();
  const w = useWords();
  useNow(); // words such as 今天 follow the server's clock
  const q = useOrder(id);
  const o = q.data;
  return (
    <SidePanel
      label={t.panel}
      full={`/orders/${id}`}
      onClose={onClose}
      head={
        o ? (
          <>
            <Plate order={o} />
            <Class sla={o.sla} quiet />
            <span>{w.state[o.state]}</span>
            <Left order={o} />
          </>
        ) : null
      }
      acts={o ? <OrderActs order={o} /> : undefined}
    >
      <Loaded query={q} rows={8}>
        {(o) => (
          <>
            <Section title={nameOf(o)} note={o.number}>
              <OrderFacts order={o} />
            </Section>
            <Slot name="order.aside" with={{ order: o.id, resident: o.resident, demand: o.demand }} />
            <OrderWhy order={o} />
            <Clocks order={o} />
            <StepList order={o} />
            <Section title={t.timeline}>
              <Timeline order={o} />
            </Section>
          </>
        )}
      </Loaded>
    </SidePanel>
  );
}
