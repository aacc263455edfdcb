// Small things about workers: a phone, what they do now, a certificate's time left, a line of shifts. Texts and links.
import { Icon } from '@/design/core';
import { clock, moment } from '@/design/format';
import { useLang } from '@/i18n';
import type { Certificate, Kinds, Worker } from '../api';
import { useText as useWords } from '../text';
import { type Span, spansText } from '../week';
import css from './party.module.css';
import { useText } from './text';

/** A number that can be dialed; a masked one is only shown. */
export function Phone({ number }: { number: string | undefined }) {
  if (!number) return <span>—</span>;
  if (number.includes('*')) return <span className={css.soft}>{number}</span>;
  return (
    <a className={css.phone} href={`tel:${number}`}>
      <Icon name="phone" size={14} />
      {number}
    </a>
  );
}

/** On shift until, absent, or when the next shift begins. */
export function Now({ worker: w }: { worker: Worker }) {
  const t = useText();
  const words = useWords();
  if (w.state !== 'active') return <span className={css.soft}>{t.state[w.state]}</span>;
  if (w.away) return <span className={css.away}>{words.away}</span>;
  if (w.on_shift) {
    const long = w.week.every((d) => d.replaceAll(' ', '') === '00:00-24:00');
    return (
      <span>
        {t.onShift}{' '}
        <small className={css.soft}>{long ? t.allWeek : w.next_to ? t.until(clock(w.next_to)) : ''}</small>
      </span>
    );
  }
  return (
    <span className={css.soft}>
      {t.offShift}
      {w.next_from ? ` · ${t.col.next} ${moment(w.next_from)}` : ''}
    </span>
  );
}

/** How long a certificate still holds: plain, close within 30 days, over. */
export function CertLeft({ cert: c }: { cert: Certificate }) {
  const t = useWords();
  if (c.revoked_at && Date.parse(c.revoked_at) > 0) return <span className={css.soft}>{t.revoked}</span>;
  if (c.days_left === undefined) return <span className={css.soft}>{t.never}</span>;
  const urgency = c.days_left < 0 ? 'over' : c.days_left <= 30 ? 'close' : undefined;
  return (
    <span className={css.certLeft} data-urgency={urgency}>
      {t.left(c.days_left)}
    </span>
  );
}

/** The shifts of a day in words. */
export function useSpanWords(): (spans: readonly Span[]) => string {
  const t = useWords();
  return (spans) => {
    if (spans.length === 0) return t.dayOff;
    const [only] = spans;
    if (spans.length === 1 && only?.from === 0 && only.to === 1440) return t.allDay;
    return spansText(spans).replaceAll('-', '–').replaceAll(', ', ' ');
  };
}

/** Names of skills and certificates in the language in use. */
export function useSkillNames(kinds: Kinds | undefined) {
  const lang = useLang();
  return {
    skill: (code: string) => kinds?.skills.find((k) => k.code === code)?.[lang] ?? code,
    cert: (code: string) => kinds?.certificates.find((k) => k.code === code)?.[lang] ?? code,
    /** The certificate that must prove a skill, if any. */
    proof: (code: string) => kinds?.skills.find((k) => k.code === code)?.cert,
  };
}
