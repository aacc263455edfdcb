// The emergency call: one tap raises an urgent demand at once; when that cannot go out, the numbers to dial stand over everything.
import { useRef, useState } from 'react';
import { path, post } from '@/api/client';
import { dutyPhone } from '@/api/duty';
import { ulid } from '@/api/id';
import { CallButton } from '@/design/mobile/Button';
import { Sheet } from '@/design/mobile/Sheet';
import { SosButton } from '@/design/mobile/SosButton';
import type { Demand } from '../api';
import { useText } from './text';

/** Help on foot with first aid: the service that class P1 sends at once. */
const service = 'first-aid';

export default function Sos() {
  const t = useText();
  const sent = useRef<Promise<Demand>>(undefined);
  const [failed, setFailed] = useState(false);
  const send = () => {
    setFailed(false);
    const body = { text: t.sosText, spec: service, urgency: 3 };
    sent.current = post<Demand>('/api/v1/demands', body, { key: ulid(), keepalive: true });
    sent.current.catch(() => setFailed(true));
  };
  const cancel = () => {
    void sent.current?.then((d) => post(path`/api/v1/demands/${d.id}/withdraw`, {})).catch(() => undefined); // what never went out needs no taking back
  };
  return (
    <div>
      <SosButton onSend={send} onCancel={cancel} />
      {failed ? (
        <Sheet title={t.sosFailedTitle} onClose={() => setFailed(false)}>
          <p role="alert">{t.sosFailed}</p>
          <CallButton phone="120">{t.call120}</CallButton>
          <CallButton phone="110">{t.call110}</CallButton>
          <CallButton phone={dutyPhone}>{t.callDuty}</CallButton>
        </Sheet>
      ) : null}
    </div>
  );
}
