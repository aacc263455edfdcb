// Asks why, with large choices and a sentence; "other" needs the sentence. Escape leaves.
import { useState } from 'react';
import { BigButton } from '@/design/mobile/Button';
import { ChoiceCards, Field } from '@/design/mobile/Field';
import { Sheet } from '@/design/mobile/Sheet';
import type { Act } from '../api';
import { useText as useWords } from '../text';
import { declineReasons, reasonsOf, reasonWord } from '../words';
import { useText } from './text';

export function ReasonSheet({
  title,
  act,
  submit,
  busy,
  onClose,
  onDone,
}: {
  title: string;
  act: Act | 'decline';
  submit: string;
  busy?: boolean;
  onClose: () => void;
  onDone: (body: { reason: string; note?: string }) => void;
}) {
  const t = useText();
  const w = useWords();
  const [reason, setReason] = useState<string>();
  const [note, setNote] = useState('');
  const reasons: readonly string[] = act === 'decline' ? declineReasons : (reasonsOf[act] ?? []);
  const asks = reason === 'other' && act !== 'decline';
  return (
    <Sheet
      title={title}
      onClose={onClose}
      acts={
        <BigButton
          busy={busy}
          disabled={!reason || (asks && note.trim() === '')}
          onPress={() => reason && onDone({ reason, note: note.trim() || undefined })}
        >
          {submit}
        </BigButton>
      }
    >
      <ChoiceCards
        label={title}
        columns={1}
        value={reason}
        onChange={setReason}
        choices={reasons.map((r) => ({ value: r, title: reasonWord(w, r) }))}
      />
      {act === 'decline' ? null : (
        <Field
          label={t.note}
          optional={!asks}
          hint={asks ? t.otherNote : undefined}
          lines={2}
          maxLength={500}
          value={note}
          onChange={setNote}
        />
      )}
    </Sheet>
  );
}
