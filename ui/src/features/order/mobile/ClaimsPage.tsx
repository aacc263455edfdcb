// Orders nobody has that this worker could take; claiming puts one into the own day. Rows hold still while one presses.
import { useState } from 'react';
import { useCatalogNames } from '@/api/names';
import { wordsOf } from '@/api/problem';
import { useNow } from '@/design/clock';
import { DoorPlate, Loaded } from '@/design/core';
import { duration, millis, span } from '@/design/format';
import { NewBar, NoticeBar } from '@/design/mobile/Bars';
import { BigButton } from '@/design/mobile/Button';
import { Card } from '@/design/mobile/Card';
import { Page } from '@/design/mobile/Page';
import { type Claim, useClaim, useClaims } from '../api';
import css from './mobile.module.css';
import { useText } from './text';
import { useCalm } from './useCalm';

const idOf = (c: Claim) => c.order;

export function ClaimsPage() {
  const t = useText();
  const q = useClaims();
  const calm = useCalm(q.data?.items, idOf);
  const [note, setNote] = useState<string>();
  return (
    <Page title={t.claims} tabs>
      {note ? <NoticeBar>{note}</NoticeBar> : null}
      <NewBar count={calm.fresh} onShow={calm.show} />
      <Loaded query={{ data: calm.rows, error: q.error, refetch: q.refetch }} empty={t.claimsEmpty} rows={4}>
        {(rows) => (
          <>
            <p className={css.soft}>{t.claimsHint}</p>
            {rows.map((c) => (
              <Row
                key={c.order}
                claim={c}
                onDone={(words) => {
                  setNote(words);
                  calm.show();
                }}
              />
            ))}
          </>
        )}
      </Loaded>
    </Page>
  );
}

function Row({ claim: c, onDone }: { claim: Claim; onDone: (words: string) => void }) {
  const t = useText();
  const names = useCatalogNames();
  const now = useNow();
  const claim = useClaim();
  return (
    <Card>
      <p className={css.nextTop}>
        <DoorPlate label={c.address} place={c.place} />
        <span className={css.soft}>{t.waitingSince(duration(now - (millis(c.since) ?? now)))}</span>
      </p>
      <p className={css.nextWhat}>{names.spec(c.spec)}</p>
      {claim.error ? <NoticeBar urgent>{wordsOf(claim.error)}</NoticeBar> : null}
      <BigButton
        busy={claim.isPending}
        onPress={() =>
          claim.mutate(c.order, {
            onSuccess: (d) =>
              onDone(
                d.assigned ? t.claimed(span(d.assigned.promise.from, d.assigned.promise.to)) : t.claimLost,
              ),
          })
        }
      >
        {t.claim}
      </BigButton>
    </Card>
  );
}
