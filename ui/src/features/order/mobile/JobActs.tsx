// The acts of a job under the thumb: the next one large, giving back and pausing behind 其他. Each is stored on the phone first.
import { useState } from 'react';
import { enqueue } from '@/api/outbox';
import { BigButton } from '@/design/mobile/Button';
import { Field } from '@/design/mobile/Field';
import { goBack } from '@/design/mobile/router';
import { Sheet } from '@/design/mobile/Sheet';
import type { OrderStep, State, Task } from '../api';
import css from './mobile.module.css';
import { missing, type WorkAct, work } from './pending';
import { ReasonSheet } from './ReasonSheet';
import { useText } from './text';

/** What comes next by state; at the door it depends on the steps. */
const nextOf: Partial<Record<State, WorkAct>> = {
  assigned: 'accept',
  accepted: 'en-route',
  en_route: 'arrive',
  arrived: 'finish',
  paused: 'resume',
};

export function JobActs({
  task: x,
  steps,
  onStep,
}: {
  task: Task;
  steps: readonly OrderStep[];
  onStep: (s: OrderStep) => void;
}) {
  const t = useText();
  const [sheet, setSheet] = useState<'more' | 'decline' | 'pause' | 'note'>();
  const [busy, setBusy] = useState(false);
  const next = nextOf[x.state];
  const lacks = missing(steps);
  const names: Record<WorkAct, string> = {
    accept: t.accept,
    'en-route': t.setOff,
    arrive: t.arrive,
    finish: t.finish,
    pause: t.pause,
    resume: t.resume,
  };
  const run = async (what: () => Promise<unknown>) => {
    setBusy(true);
    await what().finally(() => setBusy(false));
    setSheet(undefined);
  };
  if (!next)
    return (
      <BigButton quiet onPress={() => goBack('/w')}>
        {t.finished}
      </BigButton>
    );
  const first = lacks[0];
  return (
    <div className={css.acts}>
      {next === 'finish' && first ? <p className={css.soft}>{t.missing(lacks.length)}</p> : null}
      <div>
        {x.state === 'assigned' ? (
          <BigButton quiet onPress={() => setSheet('decline')}>
            {t.decline}
          </BigButton>
        ) : (
          <BigButton quiet onPress={() => setSheet('more')}>
            {t.moreActs}
          </BigButton>
        )}
        {next === 'finish' && first ? (
          <BigButton onPress={() => onStep(first)}>{t.stepDone}</BigButton>
        ) : (
          <BigButton busy={busy} onPress={() => void run(() => work(x.id, next))}>
            {names[next]}
          </BigButton>
        )}
      </div>
      {sheet === 'more' ? (
        <Sheet title={t.moreActs} onClose={() => setSheet(undefined)}>
          {x.state !== 'paused' ? (
            <BigButton quiet icon="pause" onPress={() => setSheet('pause')}>
              {t.pause}
            </BigButton>
          ) : null}
          <BigButton quiet icon="pen" onPress={() => setSheet('note')}>
            {t.addNote}
          </BigButton>
          {x.state !== 'arrived' ? (
            <BigButton quiet icon="close" onPress={() => setSheet('decline')}>
              {t.decline}
            </BigButton>
          ) : null}
        </Sheet>
      ) : null}
      {sheet === 'pause' ? (
        <ReasonSheet
          title={t.pauseTitle}
          act="pause"
          submit={t.pause}
          busy={busy}
          onClose={() => setSheet(undefined)}
          onDone={(body) => void run(() => work(x.id, 'pause', body))}
        />
      ) : null}
      {sheet === 'decline' ? (
        <ReasonSheet
          title={t.declineTitle}
          act="decline"
          submit={t.decline}
          busy={busy}
          onClose={() => setSheet(undefined)}
          onDone={({ reason }) =>
            void run(() =>
              enqueue({
                subject: x.id,
                method: 'POST',
                path: `/api/v1/dispatches/${encodeURIComponent(x.id)}/decline`,
                body: { reason },
              }),
            ).then(() => goBack('/w'))
          }
        />
      ) : null}
      {sheet === 'note' ? (
        <NoteSheet
          busy={busy}
          onClose={() => setSheet(undefined)}
          onDone={(note) => void run(() => work(x.id, 'note', { note }))}
        />
      ) : null}
    </div>
  );
}

function NoteSheet({
  busy,
  onClose,
  onDone,
}: {
  busy: boolean;
  onClose: () => void;
  onDone: (note: string) => void;
}) {
  const t = useText();
  const [note, setNote] = useState('');
  return (
    <Sheet
      title={t.addNote}
      onClose={onClose}
      acts={
        <BigButton busy={busy} disabled={note.trim() === ''} onPress={() => onDone(note.trim())}>
          {t.doStep}
        </BigButton>
      }
    >
      <Field label={t.noteLabel} lines={4} maxLength={500} value={note} onChange={setNote} />
    </Sheet>
  );
}
