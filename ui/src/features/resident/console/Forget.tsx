// Destroys everything about a person. Asked once, with what it does to whom; it cannot be undone.
import { useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { Button, Input, Modal } from 'antd';
import { useState } from 'react';
import { useActWords } from '@/design/console';
import { millis } from '@/design/format';
import { type Detail, keys, useForget } from '../api';
import { nameOf } from '../words';
import css from './resident.module.css';
import { useText } from './text';

export function Forget({ resident: r }: { resident: Detail }) {
  const t = useText().forget;
  const [asking, setAsking] = useState(false);
  const [reason, setReason] = useState('');
  const client = useQueryClient();
  const navigate = useNavigate();
  const forget = useForget();
  const { done, failed } = useActWords();
  const running = r.proxies.filter((p) => millis(p.ended_at) === undefined).length;
  const go = () =>
    forget.mutate(
      { id: r.id, reason: reason.trim() },
      {
        onSuccess: async () => {
          done(t.done);
          await navigate({ to: '/residents' });
          client.removeQueries({ queryKey: keys.one(r.id) });
          void client.invalidateQueries({ queryKey: keys.all });
        },
        onError: failed,
      },
    );
  return (
    <div>
      <Button type="text" onClick={() => setAsking(true)}>
        {t.act}
      </Button>
      <Modal
        open={asking}
        title={t.title(nameOf(r))}
        okText={t.go}
        okButtonProps={{ disabled: reason.trim().length < 4, loading: forget.isPending }}
        onOk={go}
        onCancel={() => setAsking(false)}
      >
        <div className={css.forget}>
          <p>{t.body}</p>
          <p>{t.with(r.contacts.length, running, r.consents.length)}</p>
          <p>{t.orders}</p>
          <label htmlFor="forget-reason">{t.reason}</label>
          <Input
            id="forget-reason"
            placeholder={t.reasonHint}
            maxLength={200}
            value={reason}
            onChange={(e) => setReason(e.target.value)}
          />
        </div>
      </Modal>
    </div>
  );
}
