// Asks why an order is paused, canceled, failed or reopened; or for a note. Enter in the note does not send, Escape leaves.
import { Form, Input, Modal, Radio } from 'antd';
import { useState } from 'react';
import type { Act, ActBody } from '../api';
import { useText as useWords } from '../text';
import { reasonsOf, reasonWord } from '../words';
import { useText } from './text';

export function ReasonDialog({
  act,
  busy,
  onCancel,
  onDone,
}: {
  act: Act;
  busy: boolean;
  onCancel: () => void;
  onDone: (body: ActBody) => void;
}) {
  const t = useText();
  const w = useWords();
  const reasons = reasonsOf[act];
  const [reason, setReason] = useState<string>();
  const [note, setNote] = useState('');
  const needsNote = reason === 'other' || !reasons;
  const ready = (!reasons || reason !== undefined) && (!needsNote || note.trim() !== '');
  const d = t.dialog;
  const titles: Partial<Record<Act, string>> = {
    pause: d.pause,
    fail: d.fail,
    cancel: d.cancel,
    reopen: d.reopen,
    dispute: d.dispute,
    note: d.addNote,
  };
  const hints: Partial<Record<Act, string>> = {
    fail: d.failHint,
    cancel: d.cancelHint,
    reopen: d.reopenHint,
    dispute: d.reopenHint,
  };
  return (
    <Modal
      open
      title={titles[act] ?? w.act[act]}
      okText={w.act[act]}
      cancelText={d.leave}
      okButtonProps={{ disabled: !ready, loading: busy }}
      onOk={() => onDone({ reason, note: note.trim() || undefined })}
      onCancel={onCancel}
      destroyOnHidden
    >
      {hints[act] ? <p>{hints[act]}</p> : null}
      <Form layout="vertical">
        {reasons ? (
          <Form.Item label={d.reason} required>
            <Radio.Group
              vertical
              value={reason}
              onChange={(e) => setReason(e.target.value as string)}
              options={reasons.map((r) => ({ value: r, label: reasonWord(w, r) }))}
            />
          </Form.Item>
        ) : null}
        <Form.Item label={d.note} required={needsNote} extra={reasons ? d.noteNeeded : undefined}>
          <Input.TextArea
            aria-label={d.note}
            rows={3}
            maxLength={500}
            value={note}
            onChange={(e) => setNote(e.target.value)}
          />
        </Form.Item>
      </Form>
    </Modal>
  );
}
