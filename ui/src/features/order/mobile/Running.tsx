// The service that runs now, on the resident's first page: where it stands in one sentence, its course, the way to its page.
import { Card, ListRow, ServiceSteps } from '@/design/mobile/Card';
import { go } from '@/design/mobile/router';
import { type Order, useOrders } from '../api';
import { nameOf } from '../words';
import { courseOf, sentence } from './course';
import { useText } from './text';

/** Of several services the one closest to the door. */
const weight: Partial<Record<Order['state'], number>> = {
  arrived: 0,
  en_route: 1,
  finished: 2,
  accepted: 3,
  assigned: 4,
  confirmed: 9,
};

export default function Running() {
  const t = useText();
  const rows = useOrders({ limit: 20 }).items ?? [];
  const first = [...rows]
    .filter((o) => o.state !== 'rated')
    .sort((a, b) => (weight[a.state] ?? 5) - (weight[b.state] ?? 5))[0];
  if (!first) return null;
  const steps = courseOf(t, first).slice(1, 5);
  return (
    <Card>
      <ListRow title={nameOf(first)} note={sentence(t, first)} onPress={() => go(`/h/orders/${first.id}`)} />
      <ServiceSteps steps={steps} />
      {rows.length > 1 ? <ListRow title={t.allServices} onPress={() => go('/h/orders')} /> : null}
    </Card>
  );
}
