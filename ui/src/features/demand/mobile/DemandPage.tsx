// One thing asked for that is not a service yet: how it stands, who looks at it until when; it can be taken back. Once it is a service its page is shown.
import { useEffect } from 'react';
import { dutyPhone } from '@/api/duty';
import { useCatalogNames } from '@/api/names';
import { wordsOf } from '@/api/problem';
import { useNow } from '@/design/clock';
import { Loaded } from '@/design/core';
import { moment } from '@/design/format';
import { NoticeBar } from '@/design/mobile/Bars';
import { BigButton, CallButton } from '@/design/mobile/Button';
import { Card, ListRow } from '@/design/mobile/Card';
import { Page } from '@/design/mobile/Page';
import { go, goBack, type PageProps } from '@/design/mobile/router';
import { type Detail, photoUrl, useDeed, useDemand } from '../api';
import { oneLine } from '../words';
import css from './demand.module.css';
import { useText } from './text';

export function DemandPage({ params }: PageProps<'id'>) {
  const t = useText();
  useNow(); // words such as 今天 follow the server's clock
  const q = useDemand(params.id);
  const names = useCatalogNames();
  const d = q.data;
  const order = d?.order ?? d?.case?.order;
  useEffect(() => {
    if (order && d?.state !== 'merged') go(`/h/orders/${order}`, { replace: true });
  }, [order, d?.state]);
  return (
    <Page
      title={d?.spec ? names.spec(d.spec) : t.track}
      back={() => goBack('/h/orders')}
      call={<CallButton phone={dutyPhone} compact />}
      acts={d && takeable(d) ? <TakeBack demand={d} /> : undefined}
    >
      <Loaded query={q}>
        {(d) => (
          <>
            <NoticeBar>
              {t.state[d.state]}
              {d.state === 'queued' ? `，${t.by(moment(d.due_at))}` : ''}
            </NoticeBar>
            <Card>
              {oneLine(d) ? <ListRow title={t.checkWords} note={oneLine(d)} /> : null}
              <ListRow title={t.track} end={t.asked(moment(d.raised_at))} />
            </Card>
            {d.photos.length > 0 ? (
              <div className={css.photos}>
                {d.photos.map((p, i) => (
                  <img key={p} src={photoUrl(d.id, p)} alt={`${i + 1}`} />
                ))}
              </div>
            ) : null}
          </>
        )}
      </Loaded>
    </Page>
  );
}

const takeable = (d: Detail) =>
  !d.left && ['new', 'queued', 'hint', 'ready', 'referred', 'merged'].includes(d.state);

function TakeBack({ demand: d }: { demand: Detail }) {
  const t = useText();
  const act = useDeed();
  return (
    <>
      {act.error ? <NoticeBar urgent>{wordsOf(act.error)}</NoticeBar> : null}
      <BigButton
        quiet
        busy={act.isPending}
        onPress={() =>
          act.mutate({ id: d.id, deed: { do: 'withdraw' } }, { onSuccess: () => goBack('/h/orders') })
        }
      >
        {t.withdraw}
      </BigButton>
    </>
  );
}
