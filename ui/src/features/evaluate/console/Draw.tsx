// How residents are drawn for a call: the share by lot and its seed, which makes the draw repeatable. Opens a dialog.
import { Button, Form, Input, InputNumber, Modal } from 'antd';
import { useState } from 'react';
import { useActWords } from '@/design/console';
import { type Setting, usePutSetting, useSetting } from '../api';
import css from './evaluate.module.css';
import { useText } from './text';

export function Draw() {
  const t = useText();
  const now = useSetting(true).data;
  const [open, setOpen] = useState(false);
  if (!now) return null;
  return (
    <>
      <span className={css.soft}>{t.drawnNow(now.share_percent)}</span>
      <Button onClick={() => setOpen(true)}>{t.change}</Button>
      {open ? <Edit now={now} onClose={() => setOpen(false)} /> : null}
    </>
  );
}

function Edit({ now, onClose }: { now: Setting; onClose: () => void }) {
  const t = useText();
  const say = useActWords();
  const put = usePutSetting();
  const [share, setShare] = useState(now.share_percent);
  const [seed, setSeed] = useState(now.seed);
  return (
    <Modal
      open
      title={t.drawn}
      okText={t.save}
      okButtonProps={{ disabled: seed.trim().length < 4, loading: put.isPending }}
      onCancel={onClose}
      onOk={() =>
        put.mutate(
          { share_percent: share, seed: seed.trim() },
          {
            onSuccess: () => {
              say.done(t.saved);
              onClose();
            },
            onError: say.failed,
          },
        )
      }
    >
      <Form layout="vertical">
        <Form.Item label={t.share} htmlFor="draw-share">
          <InputNumber id="draw-share" min={0} max={100} value={share} onChange={(v) => setShare(v ?? 0)} />
        </Form.Item>
        <Form.Item label={t.seed} htmlFor="draw-seed" extra={t.seedHint}>
          <Input id="draw-seed" maxLength={64} value={seed} onChange={(e) => setSeed(e.target.value)} />
        </Form.Item>
      </Form>
    </Modal>
  );
}
