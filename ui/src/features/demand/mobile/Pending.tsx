// Over the list of services: what was asked for and is not a service yet, and what still waits on this phone.

import { useCatalogNames } from '@/api/names';
import { discard, useOutbox } from '@/api/outbox';
import { useNow } from '@/design/clock';
import { moment } from '@/design/format';
import { Unsent } from '@/design/mobile/Bars';
import { BigButton } from '@/design/mobile/Button';
import { Card, ListRow } from '@/design/mobile/Card';
import { go } from '@/design/mobile/router';
import { pick, useLang } from '@/i18n';
import { type Demand, type Raise, useDemands } from '../api';
import { oneLine } from '../words';
import { subject } from './subject';
import { useText } from './text';

/** What a resident still waits to hear of: not what became a service, ended, or was taken back. */
const open = (d: Demand) =>
  !d.left && ['new', 'queued', 'hint', 'ready', 'referred', 'merged'].includes(d.state) && !d.order;

export default function Pending() {
  const t = useText();
  const lang = useLang();
  useNow(); // words such as 今天 follow the server's clock
  const names = useCatalogNames();
  const rows =
    useDemands({ sort: 'new', state: 'new,queued,hint,ready,referred,merged' }).items?.filter(open) ?? [];
  const waiting = useOutbox(subject).filter((c) => !c.file);
  if (rows.length === 0 && waiting.length === 0) return null;
  const name = (d: Pick<Demand, 'spec' | 'title' | 'text'>) => (d.spec ? names.spec(d.spec) : oneLine(d));
  return (
    <Card title={t.recent}>
      {waiting.map((c) => {
        const body = c.body as Raise;
        return (
          <div key={c.id}>
            <ListRow
              title={body.spec ? names.spec(body.spec) : body.text}
              note={c.refused ? t.refused(pick(c.refused, lang)) : t.waiting}
              end={<Unsent subject={subject} />}
            />
            {c.refused ? (
              <BigButton quiet icon="trash" onPress={() => void discard(c.id)}>
                {t.withdraw}
              </BigButton>
            ) : null}
          </div>
        );
      })}
      {rows.slice(0, 5).map((d) => (
        <ListRow
          key={d.id}
          title={name(d)}
          note={`${t.state[d.state]} · ${t.asked(moment(d.raised_at))}`}
          onPress={() => go(`/h/demands/${d.id}`)}
        />
      ))}
    </Card>
  );
}
