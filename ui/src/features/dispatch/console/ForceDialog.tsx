// Giving an order to somebody whose day is full: whose promise changes is listed first, and it costs a reason.
import { Modal } from 'antd';
import { useState } from 'react';
import { useMinute } from '@/design/clock';
import { count } from '@/design/format';
import type { Change } from '../api';
import { useText } from '../text';
import { ChangeList } from './ChangeList';
import css from './dispatch.module.css';
import { ReasonInput } from './ReasonInput';

export function ForceDialog({
  order,
  door,
  name,
  changes,
  onForce,
  onClose,
}: {
  order: string;
  door: string;
  /** Who gets it. */
  name: string;
  changes: readonly Change[];
  onForce: (reason: string) => void;
  onClose: () => void;
}) {
  const t = useText();
  const day = useMinute();
  const [reason, setReason] = useState('');
  const given = reason.trim();
  return (
    <Modal
      open
      title={
        changes.some((c) => c.order !== order) ? t.force.title(door, name) : t.force.titleOwn(door, name)
      }
      okText={t.force.ok}
      okButtonProps={{ disabled: !given }}
      onOk={() => given && onForce(given)}
      onCancel={onClose}
      width={800}
      destroyOnHidden
    >
      <p className={css.quiet}>
        {t.force.hit(count(changes.filter((c) => c.promise).length))}
        {t.stop}
        {t.force.after}
      </p>
      <ChangeList changes={changes} day={day} />
      <div className={css.fields}>
        <ReasonInput value={reason} onChange={setReason} onEnter={() => given && onForce(given)} />
      </div>
    </Modal>
  );
}
