// The worker's own shifts, absences and certificates. Calling off works without a network: it waits on the phone.
import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { discard, onSent, useOutbox } from '@/api/outbox';
import { useNow } from '@/design/clock';
import { Loaded } from '@/design/core';
import { Failed } from '@/design/core/StatePanel';
import { clock, dayWord, millis, moment, span, startOfDay, weekday } from '@/design/format';
import { NoticeBar } from '@/design/mobile/Bars';
import { BigButton } from '@/design/mobile/Button';
import { Card, ListRow } from '@/design/mobile/Card';
import { Page } from '@/design/mobile/Page';
import { pick, useLang } from '@/i18n';
import { useBase } from '@/i18n/base';
import { keys, useEndMine, useKinds, useMine, type Worker } from '../api';
import { useText as useWords } from '../text';
import { awayOn, day, dayOf } from '../week';
import { AbsenceSheet, absencesPath } from './AbsenceSheet';
import css from './shifts.module.css';
import { useText } from './text';

export function ShiftsPage() {
  const t = useText();
  const mine = useMine();
  const client = useQueryClient();
  const [asking, setAsking] = useState(false);
  const [said, setSaid] = useState<string>();
  useEffect(
    () =>
      onSent((c) => {
        if (c.path === absencesPath) void client.invalidateQueries({ queryKey: keys.mine });
      }),
    [client],
  );
  return (
    <Page
      title={t.title}
      tabs
      acts={
        mine.data ? (
          <BigButton icon="calendar" onPress={() => setAsking(true)}>
            {t.absent}
          </BigButton>
        ) : undefined
      }
    >
      {said ? <NoticeBar>{said}</NoticeBar> : null}
      <Refused />
      <Loaded query={mine} rows={6}>
        {(w) => (
          <>
            <Days worker={w} />
            <Absences worker={w} onEnded={() => setSaid(t.ended)} />
            <Certificates worker={w} />
          </>
        )}
      </Loaded>
      {asking ? (
        <AbsenceSheet
          onClose={() => setAsking(false)}
          onDone={(how) => {
            setAsking(false);
            setSaid(how === 'sent' ? t.sent : how === 'waiting' ? t.waiting : undefined);
          }}
        />
      ) : null}
    </Page>
  );
}

/** What the server would not take, with its reason. */
function Refused() {
  const t = useText();
  const lang = useLang();
  const refused = useOutbox('absence').filter((c) => c.refused);
  return refused.map((c) => (
    <Card key={c.id} title={t.refused}>
      <p>{pick(c.refused, lang)}</p>
      <BigButton quiet onPress={() => void discard(c.id)}>
        {t.drop}
      </BigButton>
    </Card>
  ));
}

function Days({ worker: w }: { worker: Worker }) {
  const t = useText();
  const words = useWords();
  const now = useNow();
  const today = startOfDay(now);
  const state = w.away
    ? t.away(moment(w.absences.find((a) => (millis(a.from) ?? 0) <= now)?.to))
    : w.on_shift
      ? t.onShift(w.next_to && millis(w.next_to)! - now < day ? clock(w.next_to) : moment(w.next_to))
      : w.next_from
        ? t.next(moment(w.next_from))
        : t.noNext;
  return (
    <Card title={t.days} note={state}>
      <ol className={css.days}>
        {Array.from({ length: 7 }, (_, i) => today + i * day).map((d) => {
          const { spans } = dayOf(w, d);
          const away = awayOn(w, d);
          return (
            <li key={d} data-off={spans.length === 0} data-today={d === today}>
              <span>
                {d === today ? dayWord(d, now) : weekday(d)}{' '}
                <small>{d === today ? weekday(d) : dayWord(d, now)}</small>
              </span>
              <span>
                {spans.length === 0
                  ? words.dayOff
                  : spans.map((s) => (
                      <span key={s.from}>
                        {s.from === 0 && s.to === 1440
                          ? words.allDay
                          : `${clock(d + s.from * 60_000)}–${s.to === 1440 ? '24:00' : clock(d + s.to * 60_000)}`}
                      </span>
                    ))}
                {away.map((a) => (
                  <small key={a.id}>{words.absence[a.kind] ?? words.away}</small>
                ))}
              </span>
            </li>
          );
        })}
      </ol>
    </Card>
  );
}

function Absences({ worker: w, onEnded }: { worker: Worker; onEnded: () => void }) {
  const t = useText();
  const words = useWords();
  const base = useBase();
  const waiting = useOutbox('absence').filter((c) => !c.refused);
  const end = useEndMine();
  return (
    <Card title={t.absences}>
      {end.error ? <Failed error={end.error} inline /> : null}
      {w.absences.length + waiting.length === 0 ? <p className={css.none}>{t.noAbsences}</p> : null}
      {waiting.map((c) => {
        const a = c.body as { kind: string; from: string; to: string };
        return (
          <ListRow
            key={c.id}
            title={words.absence[a.kind] ?? a.kind}
            note={span(a.from, a.to)}
            end={base.unsent}
          />
        );
      })}
      {w.absences.map((a) => (
        <div key={a.id} className={css.absence}>
          <ListRow title={words.absence[a.kind] ?? words.away} note={span(a.from, a.to)} />
          <BigButton
            quiet
            busy={end.isPending && end.variables === a.id}
            onPress={() => end.mutate(a.id, { onSuccess: onEnded })}
          >
            {t.end}
          </BigButton>
        </div>
      ))}
    </Card>
  );
}

function Certificates({ worker: w }: { worker: Worker }) {
  const t = useText();
  const words = useWords();
  const lang = useLang();
  const kinds = useKinds().data;
  const name = (code: string) => kinds?.certificates.find((k) => k.code === code)?.[lang] ?? code;
  const rows = [...w.certificates]
    .filter((c) => !(millis(c.revoked_at) ?? 0))
    .sort((a, b) => (a.days_left ?? 1e9) - (b.days_left ?? 1e9));
  const pressing = rows.filter((c) => c.days_left !== undefined && c.days_left <= 30);
  return (
    <>
      {pressing.map((c) => (
        <NoticeBar key={c.id}>
          {c.valid ? t.soon(name(c.kind), words.left(c.days_left ?? 0)) : t.expired(name(c.kind))}
        </NoticeBar>
      ))}
      <Card title={t.certificates}>
        {rows.length === 0 ? <p className={css.none}>{t.noCertificates}</p> : null}
        {rows.map((c) => (
          <ListRow
            key={c.id}
            title={name(c.kind)}
            note={[c.number, c.expires ? words.until(c.expires) : words.never].filter(Boolean).join(' · ')}
            end={
              <span
                className={css.left}
                data-urgency={
                  c.days_left === undefined
                    ? undefined
                    : c.days_left < 0
                      ? 'over'
                      : c.days_left <= 30
                        ? 'close'
                        : undefined
                }
              >
                {c.days_left === undefined ? '' : words.left(c.days_left)}
              </span>
            }
          />
        ))}
      </Card>
      <Card title={t.profile}>
        <ListRow
          title={w.org_name}
          note={w.skills
            .map((s) => kinds?.skills.find((k) => k.code === s.code)?.[lang] ?? s.code)
            .join(words.and)}
        />
      </Card>
    </>
  );
}
