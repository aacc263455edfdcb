// What may be done with an order now: one primary button, urging, the rest in a menu. Acts that must say why ask in a dialog.
import { Button, Dropdown } from 'antd';
import { useState } from 'react';
import { useMay } from '@/api/me';
import { useActWords } from '@/design/console';
import { Icon } from '@/design/core';
import { span } from '@/design/format';
import { type Act, type ActBody, ended, type Order, useDispatch, useOrderAct, useUrge } from '../api';
import { useText as useWords } from '../text';
import { primaryOf, reasonsIn, reasonsOf } from '../words';
import { ReasonDialog } from './ReasonDialog';
import { useText } from './text';

/** Acts whose meaning is only complete with a reason or a sentence. */
const asked = (act: Act) => act === 'note' || act in reasonsOf;

export function OrderActs({ order: o }: { order: Order }) {
  const t = useText();
  const w = useWords();
  const may = useMay();
  const say = useActWords();
  const act = useOrderAct();
  const urge = useUrge();
  const dispatch = useDispatch();
  const [dialog, setDialog] = useState<Act>();
  const primary = primaryOf(o);
  const nobody = (o.state === 'open' || o.state === 'waiting') && may('dispatch.assign');
  const rest = o.may.filter((a) => a !== primary && a !== 'step');

  const run = (a: Act, body?: ActBody) =>
    act.mutate(
      { id: o.id, act: a, body },
      {
        onSuccess: () => {
          setDialog(undefined);
          say.done(t.did[a] ?? w.act[a]);
        },
        onError: say.failed,
      },
    );
  const press = (a: Act) => (asked(a) ? setDialog(a) : run(a));

  return (
    <>
      {nobody ? (
        <Button
          type="primary"
          loading={dispatch.isPending}
          onClick={() =>
            dispatch.mutate(o.id, {
              onSuccess: (d) =>
                say.done(
                  d.waiting || !d.assigned
                    ? t.stillWaiting(reasonsIn(w, d.reasons)[0]?.text ?? w.state.waiting)
                    : t.dispatched(span(d.assigned.promise.from, d.assigned.promise.to)),
                ),
              onError: say.failed,
            })
          }
        >
          {t.dispatch}
        </Button>
      ) : primary ? (
        <Button type="primary" loading={act.isPending && !dialog} onClick={() => press(primary)}>
          {w.act[primary]}
        </Button>
      ) : null}
      {may('dispatch.urge') && !ended.includes(o.state) && o.state !== 'finished' && o.state !== 'rated' ? (
        <Button
          type={nobody || primary ? 'default' : 'primary'}
          loading={urge.isPending}
          onClick={() =>
            urge.mutate(o.id, { onSuccess: (u) => say.done(t.urged(u.times)), onError: say.failed })
          }
        >
          {t.urge}
        </Button>
      ) : null}
      {rest.length > 0 ? (
        <Dropdown
          trigger={['click']}
          menu={{
            items: rest.map((a) => ({ key: a, label: w.act[a] })),
            onClick: ({ key }) => press(key as Act),
          }}
        >
          <Button icon={<Icon name="down" size={14} />} iconPlacement="end">
            {t.others}
          </Button>
        </Dropdown>
      ) : null}
      {dialog ? (
        <ReasonDialog
          act={dialog}
          busy={act.isPending}
          onCancel={() => setDialog(undefined)}
          onDone={(body) => run(dialog, body)}
        />
      ) : null}
    </>
  );
}
