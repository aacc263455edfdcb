// What may be done with a demand as it stands: one primary button, taking it back beside it.
import { useNavigate } from '@tanstack/react-router';
import { Button } from 'antd';
import { useMay } from '@/api/me';
import type { Detail } from '../api';
import { useText } from './text';
import { ready, sortable, type TriageHandle } from './useTriage';

export function DemandActs({
  demand: d,
  triage,
  onDone,
}: {
  demand: Detail;
  triage: TriageHandle;
  onDone?: () => void;
}) {
  const t = useText();
  const may = useMay();
  const navigate = useNavigate();
  const { draft, run, decide, busy } = triage;
  const open = (to: string) => void navigate({ to });
  const mine = may('demand.triage');
  const order = d.order ?? d.case?.order;
  return (
    <>
      {sortable(d) && mine ? (
        <>
          {d.state === 'hint' ? (
            <Button
              type="primary"
              loading={busy}
              onClick={() => run({ do: 'confirm', body: { rev: d.rev } }, t.did.confirm, onDone)}
            >
              {t.act.confirm}
            </Button>
          ) : null}
          <Button
            type={d.state === 'hint' ? 'default' : 'primary'}
            loading={busy}
            disabled={!ready(draft)}
            onClick={() => decide(onDone)}
          >
            {t.act[draft.mode]}
          </Button>
        </>
      ) : null}
      {order && may('order.read') ? (
        <Button type="primary" onClick={() => open(`/orders/${order}`)}>
          {t.act.view}
        </Button>
      ) : null}
      {d.case ? <Button onClick={() => open(`/demands/${d.case?.id}`)}>{t.act.viewCase}</Button> : null}
      {d.state === 'merged' && mine ? (
        <Button loading={busy} onClick={() => run({ do: 'unmerge' }, t.did.unmerge)}>
          {t.act.unmerge}
        </Button>
      ) : null}
      {may('demand.raise') && !['withdrawn', 'closed', 'merged'].includes(d.state) ? (
        <Button loading={busy} onClick={() => run({ do: 'withdraw' }, t.did.withdraw, onDone)}>
          {t.act.withdraw}
        </Button>
      ) : null}
    </>
  );
}
