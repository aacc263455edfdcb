// What the worker has finished, the newest first, with how it was rated. Rows open the job.
import { useMe } from '@/api/me';
import { useNow } from '@/design/clock';
import { DoorPlate, Loaded } from '@/design/core';
import { moment } from '@/design/format';
import { BigButton } from '@/design/mobile/Button';
import { Card, ListRow } from '@/design/mobile/Card';
import { Page } from '@/design/mobile/Page';
import { go } from '@/design/mobile/router';
import { useOrders } from '../api';
import { useText as useWords } from '../text';
import { nameOf } from '../words';
import { useText } from './text';

export function DonePage() {
  const t = useText();
  const w = useWords();
  useNow(); // words such as 今天 follow the server's clock
  const me = useMe().data;
  const q = useOrders({
    worker: me?.worker,
    state: ['finished', 'confirmed', 'rated', 'closed', 'failed'],
    limit: 30,
  });
  return (
    <Page title={t.finishedList} tabs>
      <Loaded query={{ data: q.items, error: q.error, refetch: q.refetch }} empty={t.finishedEmpty}>
        {(rows) => (
          <Card>
            {rows.map((o) => (
              <ListRow
                key={o.id}
                title={<DoorPlate label={o.door} place={o.place} />}
                note={`${nameOf(o)} · ${moment(o.finished_at ?? o.closed_at)}`}
                end={o.stars ? t.stars(o.stars) : w.state[o.state]}
                onPress={() => go(`/w/jobs/${o.id}`)}
              />
            ))}
            {q.hasNextPage ? (
              <BigButton quiet busy={q.isFetchingNextPage} onPress={() => void q.fetchNextPage()}>
                {t.more}
              </BigButton>
            ) : null}
          </Card>
        )}
      </Loaded>
    </Page>
  );
}
