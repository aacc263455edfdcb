// All services of the resident and those they act for: what was asked, what runs, what is over. New rows wait behind a bar.
import { dutyPhone } from '@/api/duty';
import { useNow } from '@/design/clock';
import { Loaded, Slot, StatePanel } from '@/design/core';
import { moment } from '@/design/format';
import { NewBar, NoticeBar } from '@/design/mobile/Bars';
import { BigButton, CallButton } from '@/design/mobile/Button';
import { Card, ListRow } from '@/design/mobile/Card';
import { Page } from '@/design/mobile/Page';
import { go, useHere } from '@/design/mobile/router';
import { ended, type Order, useOrders } from '../api';
import { nameOf } from '../words';
import { sentence } from './course';
import { useText } from './text';
import { useCalm } from './useCalm';

const idOf = (o: Order) => o.id;

export function ServicesPage() {
  const t = useText();
  const { search } = useHere();
  useNow(); // words such as 今天 follow the server's clock
  const running = useOrders({});
  const past = useOrders({ state: ended, limit: 20 });
  const now = useCalm(running.items, idOf);
  const nothing = now.rows?.length === 0 && past.items?.length === 0;
  return (
    <Page title={t.services} tabs call={<CallButton phone={dutyPhone} compact />}>
      {search.get('new') ? <NoticeBar>{t.added}</NoticeBar> : null}
      <NewBar count={now.fresh} onShow={now.show} />
      <Slot name="h.services" with={{}} />
      <Loaded query={{ data: now.rows, error: running.error, refetch: running.refetch }}>
        {(rows) =>
          rows.length > 0 ? (
            <Card title={t.running}>
              {rows.map((o) => (
                <Row key={o.id} order={o} />
              ))}
            </Card>
          ) : null
        }
      </Loaded>
      {nothing ? (
        <StatePanel
          state="empty"
          title={t.noneYet}
          act={<BigButton onPress={() => go('/h/demand/new')}>{t.ask}</BigButton>}
        />
      ) : null}
      {past.items?.length ? (
        <Card title={t.past}>
          {past.items.map((o) => (
            <Row key={o.id} order={o} />
          ))}
          {past.hasNextPage ? (
            <BigButton quiet busy={past.isFetchingNextPage} onPress={() => void past.fetchNextPage()}>
              {t.more}
            </BigButton>
          ) : null}
        </Card>
      ) : null}
    </Page>
  );
}

function Row({ order: o }: { order: Order }) {
  const t = useText();
  const over = ended.includes(o.state);
  const wants = o.state === 'confirmed' || (o.state === 'closed' && !o.stars);
  return (
    <ListRow
      title={nameOf(o)}
      note={over ? `${sentence(t, o)} · ${moment(o.closed_at)}` : sentence(t, o)}
      end={wants ? t.rateMe : o.stars ? t.yours(o.stars) : undefined}
      onPress={() => go(`/h/orders/${o.id}`)}
    />
  );
}
