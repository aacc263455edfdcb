// The one-time link, shown once. Copying works without a secure context too: there the text is selected for Ctrl C.
import { Button, Input, type InputRef, Modal } from 'antd';
import { useRef, useState } from 'react';
import { linkOf } from '../api';
import { useText } from '../text';
import css from './auth.module.css';

export function LinkDialog({ name, token, onClose }: { name: string; token: string; onClose: () => void }) {
  const t = useText().link;
  const field = useRef<InputRef>(null);
  const [said, setSaid] = useState('');
  const link = linkOf(token);
  const copy = async () => {
    field.current?.select();
    try {
      await navigator.clipboard.writeText(link);
      setSaid(t.copied);
    } catch {
      setSaid(t.selected); // no clipboard on plain HTTP
    }
  };
  return (
    <Modal
      open
      title={t.title(name)}
      closable={false}
      mask={{ closable: false }}
      keyboard={false}
      cancelButtonProps={{ style: { display: 'none' } }}
      okText={t.done}
      onOk={onClose}
    >
      <div className={css.link}>
        <p>{t.note}</p>
        <div>
          <Input ref={field} readOnly aria-label={t.label} value={link} onFocus={(e) => e.target.select()} />
          <Button onClick={() => void copy()}>{t.copy}</Button>
        </div>
        <p role="status" className={css.soft}>
          {said}
        </p>
      </div>
    </Modal>
  );
}
