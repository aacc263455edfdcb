// The parts an order is shown in, beside its list and on its page: facts, clocks, reasons, steps, evidence, timeline. Texts and links.
import { Link } from '@tanstack/react-router';
import { useMay } from '@/api/me';
import { Facts, Section } from '@/design/console';
import { Icon, PersonName, TimeLeft, Why } from '@/design/core';
import { duration, millis, moment, span } from '@/design/format';
import { useBase } from '@/i18n/base';
import { type Detail, evidenceUrl, type Limit } from '../api';
import { useText as useWords } from '../text';
import { lineWord, nameOf, ownerWord, reasonsIn, reasonWord } from '../words';
import css from './order.module.css';
import { useText } from './text';

export function OrderFacts({ order: o }: { order: Detail }) {
  const t = useText();
  const w = useWords();
  const base = useBase();
  const workers = [o.worker?.name, o.second?.name].filter(Boolean).join(base.list);
  return (
    <Facts
      rows={[
        [
          t.fact.service,
          [t.lasts(duration(o.length_s * 1000)), o.persons > 1 ? t.twoPeople : '']
            .filter(Boolean)
            .join(base.list),
        ],
        [
          t.fact.resident,
          o.name ? (
            <>
              {o.resident ? (
                <Link to={`/residents/${o.resident}`}>{o.name}</Link>
              ) : (
                <PersonName name={o.name} />
              )}
              {o.phone ? <Phone number={o.phone} /> : null}
            </>
          ) : (
            '—'
          ),
        ],
        ...(o.words
          ? ([
              [
                t.fact.words,
                <q className={css.words} key="w">
                  {o.words}
                </q>,
              ],
            ] as [string, React.ReactNode][])
          : []),
        [t.fact.wish, o.wish ? span(o.wish.from, o.wish.to) : t.asap],
        [t.fact.promise, o.promise ? span(o.promise.from, o.promise.to) : '—'],
        [
          t.fact.worker,
          workers ? (
            <>
              {workers}
              <small className={css.soft}>{o.auto ? t.autoDispatched : t.handDispatched}</small>
            </>
          ) : (
            t.nobodyYet
          ),
        ],
        ...(o.code ? ([[t.fact.code, o.code]] as [string, string][]) : []),
        [
          t.fact.source,
          <>
            {t.submittedBy(w.source[o.source] ?? o.source, moment(o.submitted_at))}
            {o.demand ? (
              <Link className={css.afterText} to={`/demands/${o.demand}`}>
                {t.fact.demand}
              </Link>
            ) : null}
          </>,
        ],
      ]}
    />
  );
}

/** A number that can be dialed; a masked one is only shown. */
export function Phone({ number }: { number: string }) {
  if (number.includes('*')) return <span className={css.soft}>{number}</span>;
  return (
    <a className={css.phone} href={`tel:${number}`}>
      <Icon name="phone" size={16} />
      {number}
    </a>
  );
}

/** The promise, limit by limit, and how long the order may stand where it stands; every breach names who answers. */
export function Clocks({ order: o }: { order: Detail }) {
  const t = useText();
  const w = useWords();
  const people = [o.worker, o.second];
  const brokenBy = (l: Limit) => {
    const line = o.timeline.findLast((x) => x.kind === 'order.breached' && x.clock === l.what);
    return ownerWord(w, line?.owner ?? o.due.owner, people);
  };
  const stands = millis(o.state_limit_at) !== undefined;
  return (
    <Section title={t.clocks} note={t.clocksNote}>
      <dl className={css.clocks}>
        {o.limits.map((l) => (
          <div key={l.what}>
            <dt>{w.clock[l.what] ?? l.what}</dt>
            <dd>{moment(l.limit_at)}</dd>
            <dd>
              {l.broken ? (
                <span className={css.late}>{t.brokenBy(brokenBy(l))}</span>
              ) : millis(l.met_at) !== undefined ? (
                <span className={css.soft}>{t.met(moment(l.met_at))}</span>
              ) : (
                <TimeLeft due={l.limit_at} from={o.submitted_at} paused={o.due.stopped} />
              )}
            </dd>
          </div>
        ))}
        {stands ? (
          <div>
            <dt>{t.stateClock(w.state[o.state])}</dt>
            <dd>{t.stateSince(moment(o.since))}</dd>
            <dd>
              <TimeLeft due={o.state_limit_at} from={o.since} />
            </dd>
          </div>
        ) : null}
      </dl>
      <p className={css.soft}>
        {o.due.stopped ? t.stopped : o.due.owner.role ? t.answerable(ownerWord(w, o.due.owner, people)) : ''}
      </p>
    </Section>
  );
}

export function OrderWhy({ order: o }: { order: Detail }) {
  const t = useText();
  const w = useWords();
  const may = useMay();
  const reasons = reasonsIn(w, o.why);
  // whoever sees the dispatch board is shown more by its own piece
  if (reasons.length === 0 || may('dispatch.read')) return null;
  return (
    <Section title={o.worker || o.facility ? t.why : t.whyNobody}>
      <Why reasons={reasons} />
    </Section>
  );
}

export function StepList({ order: o }: { order: Detail }) {
  const t = useText();
  const w = useWords();
  if (o.steps.length === 0) return null;
  const done = o.steps.filter((s) => millis(s.done_at) !== undefined).length;
  return (
    <Section title={t.steps} note={t.stepsNote(done, o.steps.length)}>
      <ol className={css.steps}>
        {o.steps.map((s) => {
          const at = millis(s.done_at);
          return (
            <li key={s.no} data-done={at !== undefined}>
              <span>{at !== undefined ? <Icon name="check" size={14} /> : s.no}</span>
              <span>
                {nameOf(s)}
                <small className={css.soft}>
                  {[s.evidence ? w.evidence[s.evidence] : '', s.required ? t.required : '', s.note]
                    .filter(Boolean)
                    .join(' · ')}
                </small>
              </span>
              <small>{at !== undefined ? moment(at) : (w.role[s.owner] ?? '')}</small>
            </li>
          );
        })}
      </ol>
    </Section>
  );
}

export function EvidenceGrid({ order: o }: { order: Detail }) {
  const t = useText();
  const seen = { photo: 0, signature: 0 };
  return (
    <Section title={t.evidence}>
      {o.evidence.length === 0 ? <p className={css.soft}>{t.noEvidence}</p> : null}
      <div className={css.evidence}>
        {o.evidence.map((e) => {
          const name = e.kind === 'photo' ? t.photo(++seen.photo) : t.signature(++seen.signature);
          const url = evidenceUrl(o.id, e.id);
          return (
            <a key={e.id} href={url} target="_blank" rel="noreferrer">
              <img src={url} alt={name} loading="lazy" />
              <small>{moment(e.at)}</small>
            </a>
          );
        })}
      </div>
    </Section>
  );
}

const wait = 2 * 60_000; // a phone's answer that took longer was kept without network

/** What happened, the newest first, with who did it and what was late. */
export function Timeline({ order: o }: { order: Detail }) {
  const t = useText();
  const w = useWords();
  const lines = [...o.timeline].reverse();
  return (
    <ol className={css.timeline}>
      {lines.map((l, i) => {
        const late = l.kind === 'order.breached';
        const reason = reasonWord(w, l.reason);
        const kept = (millis(l.stored_at) ?? 0) - (millis(l.at) ?? 0) > wait;
        const why =
          l.kind === 'order.assigned' || l.kind === 'order.waiting' ? reasonsIn(w, l.why ?? []) : [];
        return (
          <li key={l.seq} data-late={late}>
            {i === 0 || lines[i - 1]?.round !== l.round ? (
              o.round > 1 ? (
                <h3 className={css.round}>{t.round(l.round)}</h3>
              ) : null
            ) : null}
            <time>{moment(l.at)}</time>
            <div>
              <span className={late ? css.late : undefined}>{lineWord(w, l, o)}</span>
              <small className={css.soft}>
                {[
                  l.user === 'system' || l.user === '' ? w.system : l.who,
                  reason,
                  kept ? t.storedLater(moment(l.stored_at)) : '',
                ]
                  .filter(Boolean)
                  .join(' · ')}
              </small>
              {l.note ? <p>{l.note}</p> : null}
              {why.length > 0 ? (
                <div>
                  <Why brief reasons={why} />
                </div>
              ) : null}
              {l.evidence?.length ? (
                <div className={css.evidence}>
                  {l.evidence.map((e, n) => (
                    <a key={e} href={evidenceUrl(o.id, e)} target="_blank" rel="noreferrer">
                      <img src={evidenceUrl(o.id, e)} alt={t.photo(n + 1)} loading="lazy" />
                    </a>
                  ))}
                </div>
              ) : null}
            </div>
          </li>
        );
      })}
    </ol>
  );
}
