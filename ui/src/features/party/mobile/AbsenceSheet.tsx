// Calling off: which kind, from when, for how many days. Everything is chosen by pressing; the outbox carries it.
import { useState } from 'react';
import { enqueue, type Sent } from '@/api/outbox';
import { serverNow } from '@/design/clock';
import { span } from '@/design/format';
import { BigButton } from '@/design/mobile/Button';
import { ChoiceCards, Stepper } from '@/design/mobile/Field';
import { Sheet } from '@/design/mobile/Sheet';
import { useBase } from '@/i18n/base';
import { useText as useWords } from '../text';
import { absenceFor } from '../week';
import { useText } from './text';

export const absencesPath = '/api/v1/my/absences';

export function AbsenceSheet({ onClose, onDone }: { onClose: () => void; onDone: (how: Sent) => void }) {
  const t = useText();
  const words = useWords();
  const base = useBase();
  const [kind, setKind] = useState('leave');
  const [first, setFirst] = useState(1);
  const [days, setDays] = useState(1);
  const [busy, setBusy] = useState(false);
  const chosen = absenceFor(serverNow(), first, days);
  const send = async () => {
    setBusy(true);
    onDone(
      await enqueue({ subject: 'absence', method: 'POST', path: absencesPath, body: { kind, ...chosen } }),
    );
  };
  return (
    <Sheet
      title={t.absent}
      onClose={onClose}
      acts={
        <BigButton busy={busy} onPress={() => void send()}>
          {t.go}
        </BigButton>
      }
    >
      <ChoiceCards
        label={t.kind}
        value={kind}
        onChange={setKind}
        choices={['leave', 'sick', 'training', 'other'].map((value) => ({
          value,
          title: words.absence[value] ?? value,
        }))}
      />
      <ChoiceCards
        label={t.from}
        value={String(first)}
        onChange={(v) => setFirst(Number(v))}
        choices={[
          { value: '0', title: t.today },
          { value: '1', title: base.tomorrow },
        ]}
      />
      <Stepper label={t.length} value={days} min={1} max={30} unit={t.daysUnit} onChange={setDays} />
      <p role="status">{t.span(span(chosen.from, chosen.to))}</p>
      <small>{t.told}</small>
    </Sheet>
  );
}
