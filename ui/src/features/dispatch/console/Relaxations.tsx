// Why an order waits, and the smallest things that could give way: one press names what changes, the second does it.
import { useQueryClient } from '@tanstack/react-query';
import { App, Button, Modal } from 'antd';
import { useState } from 'react';
import { useMinute } from '@/design/clock';
import { Section, useActWords } from '@/design/console';
import { span } from '@/design/format';
import { orderQuery, type Relaxation, useOrder, useRelax, type Why } from '../api';
import { relaxEffect, relaxWords } from '../changes';
import { useText } from '../text';
import { type Names, nobodyLine } from '../words';
import css from './dispatch.module.css';
import { ReasonInput } from './ReasonInput';
import { useBoardNames } from './useBoardNames';

export function Relaxations({ why, names, may }: { why: Why; names: Names; may: boolean }) {
  const t = useText();
  const [open, setOpen] = useState<Relaxation>();
  const list = why.relaxations ?? [];
  return (
    <>
      {list.length > 0 ? (
        <Section title={t.relax.title}>
          <ul className={css.relax}>
            {list.map((r) => (
              <li key={r.id}>
                <Offer relaxation={r} names={names} disabled={!may} onOpen={() => setOpen(r)} />
              </li>
            ))}
          </ul>
        </Section>
      ) : null}
      {open ? (
        <Confirm order={why.order} relaxation={open} names={names} onClose={() => setOpen(undefined)} />
      ) : null}
    </>
  );
}

/** Whether anybody ever could, in a word and a sentence. */
export function WaitingClass({ why }: { why: Why }) {
  const t = useText();
  if (!why.class) return null;
  return (
    <p className={css.class}>
      <b>{t.relax.class[why.class]}</b>
      <span>
        {t.relax.classNote[why.class]}
        {why.class === 'crowded-out' && why.proof ? t.relax.proof : ''}
      </span>
    </p>
  );
}

/** Door of the order that would lose its promise. */
function useDoor(order: string | undefined): string | undefined {
  const { doorOf } = useBoardNames();
  const o = useOrder(order ?? '').data;
  return o && doorOf(o);
}

function Offer({
  relaxation: r,
  names,
  disabled,
  onOpen,
}: {
  relaxation: Relaxation;
  names: Names;
  disabled: boolean;
  onOpen: () => void;
}) {
  const t = useText();
  const now = useMinute();
  const door = useDoor(r.displaced);
  return (
    <Button disabled={disabled} onClick={onOpen}>
      {relaxWords(r, door, names, t, now)}
    </Button>
  );
}

function Confirm({
  order,
  relaxation: r,
  names,
  onClose,
}: {
  order: string;
  relaxation: Relaxation;
  names: Names;
  onClose: () => void;
}) {
  const t = useText();
  const now = useMinute();
  const client = useQueryClient();
  const { message } = App.useApp();
  const { done, failed } = useActWords();
  const door = useDoor(r.displaced) ?? t.relax.someDoor;
  const relax = useRelax();
  const [reason, setReason] = useState('');
  const given = reason.trim();
  const go = () => {
    if (!given) return;
    relax.mutate(
      { order, relaxation: r, reason: given },
      {
        onSuccess: (a) => {
          void client.invalidateQueries({ queryKey: orderQuery(order).queryKey });
          if (a.waiting || !a.assigned) void message.warning(t.done.waiting(nobodyLine(a.reasons, t)), 6);
          else {
            const name = r.name ?? names.worker(a.assigned.worker ?? '');
            done(t.done.worker(name, span(a.assigned.promise.from, a.assigned.promise.to)));
          }
          onClose();
        },
        onError: failed,
      },
    );
  };
  return (
    <Modal
      open
      title={relaxWords(r, door, names, t, now)}
      okText={t.relax.confirm}
      okButtonProps={{ disabled: !given }}
      confirmLoading={relax.isPending}
      onOk={go}
      onCancel={onClose}
      width={520}
      destroyOnHidden
    >
      <p>{relaxEffect(r, door, names, t, now)}</p>
      <div className={css.fields}>
        <ReasonInput value={reason} onChange={setReason} onEnter={go} />
      </div>
    </Modal>
  );
}
