// Moving an order from one person to another: the resident was told, so it costs a reason. Enter confirms, Escape leaves.
import { Input, Modal, Radio } from 'antd';
import { useState } from 'react';
import { useNow } from '@/design/clock';
import type { Option, Order } from '../api';
import { useText } from '../text';
import { windowOf } from '../words';
import css from './dispatch.module.css';

export function MoveDialog({
  order,
  to,
  door,
  onClose,
  onMove,
}: {
  order: Order;
  /** Left out: the best other one. */
  to?: Option;
  door: string;
  onClose: () => void;
  onMove: (reason: string) => void;
}) {
  const t = useText();
  const now = useNow();
  const [reason, setReason] = useState<string>();
  const [words, setWords] = useState('');
  const given = reason === t.other ? words.trim() : reason;
  const told = windowOf(order.promise, now);
  const when = to ? windowOf(to.promise, now) : undefined;
  return (
    <Modal
      open
      title={t.moveTitle(door)}
      okText={t.move}
      okButtonProps={{ disabled: !given }}
      onOk={() => given && onMove(given)}
      onCancel={onClose}
      width={440}
      destroyOnHidden
    >
      <p>{to ? t.moveTo(to.name, when ?? '') : t.moveAny}</p>
      {told ? <p className={css.quiet}>{t.moveTold(told)}</p> : null}
      <Radio.Group
        aria-label={t.moveWhy}
        className={css.radios}
        value={reason}
        onChange={(e) => setReason(e.target.value as string)}
        options={[...t.reasons, t.other].map((r) => ({ value: r, label: r }))}
      />
      {reason === t.other ? (
        <Input
          autoFocus
          maxLength={200}
          aria-label={t.other}
          placeholder={t.otherHint}
          value={words}
          onChange={(e) => setWords(e.target.value)}
          onPressEnter={() => given && onMove(given)}
        />
      ) : null}
    </Modal>
  );
}
