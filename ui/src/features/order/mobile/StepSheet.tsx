// One step with the proof it asks for: photos, a note, the resident's signature or the hand-over code. Stored on the phone at once, sent when there is a network.
import { useState } from 'react';
import { BigButton } from '@/design/mobile/Button';
import { Field } from '@/design/mobile/Field';
import { PhotoPick } from '@/design/mobile/PhotoPick';
import { Sheet } from '@/design/mobile/Sheet';
import { SignPad } from '@/design/mobile/SignPad';
import type { OrderStep } from '../api';
import { nameOf } from '../words';
import { recordStep } from './pending';
import { useText } from './text';

export function StepSheet({
  order,
  step: s,
  onClose,
}: {
  order: string;
  step: OrderStep;
  onClose: () => void;
}) {
  const t = useText();
  const [photos, setPhotos] = useState<Blob[]>([]);
  const [signed, setSigned] = useState<Blob>();
  const [note, setNote] = useState('');
  const [code, setCode] = useState('');
  const [busy, setBusy] = useState(false);
  const proven =
    s.evidence === 'photo'
      ? photos.length > 0
      : s.evidence === 'signature'
        ? signed !== undefined
        : s.evidence === 'note'
          ? note.trim() !== ''
          : s.evidence === 'code'
            ? code.trim() !== ''
            : true;
  const save = async () => {
    setBusy(true);
    await recordStep(order, s, {
      pictures: s.evidence === 'signature' && signed ? [signed] : photos,
      note: note.trim() || undefined,
      code: code.trim() || undefined,
    }).finally(() => setBusy(false));
    onClose();
  };
  return (
    <Sheet
      title={nameOf(s)}
      onClose={onClose}
      acts={
        <BigButton busy={busy} disabled={!proven} onPress={() => void save()}>
          {t.doStep}
        </BigButton>
      }
    >
      {s.evidence === 'photo' ? <PhotoPick label={t.photo} photos={photos} onChange={setPhotos} /> : null}
      {s.evidence === 'signature' ? <SignPad label={t.sign} onChange={setSigned} /> : null}
      {s.evidence === 'code' ? (
        <Field label={t.codeLabel} inputMode="numeric" maxLength={12} value={code} onChange={setCode} />
      ) : null}
      <Field
        label={t.noteLabel}
        optional={s.evidence !== 'note'}
        lines={s.evidence === 'note' ? 4 : 2}
        maxLength={500}
        value={note}
        onChange={setNote}
      />
    </Sheet>
  );
}
