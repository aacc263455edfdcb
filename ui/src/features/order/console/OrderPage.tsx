// One order: plate, class and time left on top with its one primary act; timeline left, reasons, clocks and evidence right.
import { Link, useParams } from '@tanstack/react-router';
import { useNow } from '@/design/clock';
import { Page, Panel } from '@/design/console';
import { Icon, Loaded, Slot } from '@/design/core';
import { type Detail, useOrder } from '../api';
import { useText as useWords } from '../text';
import { nameOf } from '../words';
import { Class, Left } from './Marks';
import { OrderActs } from './OrderActs';
import css from './order.module.css';
import { Plate } from './Plate';
import { Clocks, EvidenceGrid, OrderFacts, OrderWhy, StepList, Timeline } from './parts';
import { useText } from './text';

export function OrderPage() {
  const { id } = useParams({ strict: false }) as { id: string };
  const t = useText();
  useNow(); // words such as 今天 follow the server's clock
  const q = useOrder(id);
  return (
    <Loaded query={q} rows={10}>
      {(o) => (
        <Page
          title={
            <span className={css.head}>
              <Link to="/orders" aria-label={t.back} className={css.backLink}>
                <Icon name="back" />
              </Link>
              <Plate order={o} size="page" />
              <Head order={o} />
            </span>
          }
          act={<OrderActs order={o} />}
        >
          <div className={css.columns}>
            <div>
              <Panel title={nameOf(o)} note={o.number}>
                <OrderFacts order={o} />
              </Panel>
              <Panel title={t.timeline}>
                <Timeline order={o} />
              </Panel>
            </div>
            <div>
              <Panel>
                <Slot name="order.aside" with={{ order: o.id, resident: o.resident, demand: o.demand }} />
                <OrderWhy order={o} />
                <Clocks order={o} />
                <StepList order={o} />
                <EvidenceGrid order={o} />
              </Panel>
            </div>
          </div>
        </Page>
      )}
    </Loaded>
  );
}

function Head({ order: o }: { order: Detail }) {
  const w = useWords();
  return (
    <span className={css.headMarks}>
      <Class sla={o.sla} quiet />
      <span>{w.state[o.state]}</span>
      <Left order={o} />
    </span>
  );
}
