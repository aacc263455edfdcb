// What sorting by hand has taught the reader; each correction can be taken back. ↑↓ move among the rows.
import { Link } from '@tanstack/react-router';
import { Button } from 'antd';
import { useNow } from '@/design/clock';
import { Page, Panel, useActWords, WorkList } from '@/design/console';
import { Loaded } from '@/design/core';
import { moment } from '@/design/format';
import { type Correction, useCorrections, useRevoke } from '../api';
import { certaintyOf } from '../words';
import { BackTitle } from './BackTitle';
import css from './demand.module.css';
import { useText } from './text';
import { useNames } from './useNames';

export function TaughtPage() {
  const all = useText();
  const t = all.teach;
  const names = useNames();
  const say = useActWords();
  useNow(); // words such as 今天 follow the server's clock
  const q = useCorrections();
  const revoke = useRevoke();
  const was = (c: Correction) =>
    c.was?.startsWith('office:')
      ? names.meant({ office: c.was.slice(7) })
      : c.was
        ? names.meant({ spec: c.was })
        : t.none;
  return (
    <Page
      title={
        <BackTitle>
          <b>{t.title}</b>
        </BackTitle>
      }
      note={t.note}
    >
      <Panel flush>
        <Loaded query={{ data: q.items, error: q.error, refetch: q.refetch }} rows={6}>
          {(rows) => (
            <WorkList
              label={t.title}
              rows={rows}
              id={(c) => c.id}
              empty={t.empty}
              more={q.hasNextPage}
              onMore={() => void q.fetchNextPage()}
              columns={[
                { key: 'at', title: t.at, width: '128px', render: (c) => moment(c.at) },
                {
                  key: 'was',
                  title: t.was,
                  width: 'minmax(160px, 1fr)',
                  render: (c) => (
                    <>
                      {was(c)}
                      {c.was ? (
                        <small className={css.after}>{all.certainty[certaintyOf(c.was_p)]}</small>
                      ) : null}
                    </>
                  ),
                },
                { key: 'now', title: t.now, width: 'minmax(160px, 1fr)', render: (c) => names.meant(c) },
                { key: 'by', title: t.by, width: '96px', render: (c) => c.by },
                {
                  key: 'open',
                  title: '',
                  width: '64px',
                  render: (c) => <Link to={`/demands/${c.demand}`}>{t.open}</Link>,
                },
                {
                  key: 'revoke',
                  title: '',
                  width: '152px',
                  right: true,
                  render: (c) =>
                    c.revoked_at ? (
                      <small className={css.soft}>{t.revoked(moment(c.revoked_at))}</small>
                    ) : (
                      <Button
                        size="small"
                        onClick={() =>
                          revoke.mutate(c.id, { onSuccess: () => say.done(t.did), onError: say.failed })
                        }
                      >
                        {t.revoke}
                      </Button>
                    ),
                },
              ]}
            />
          )}
        </Loaded>
      </Panel>
    </Page>
  );
}
