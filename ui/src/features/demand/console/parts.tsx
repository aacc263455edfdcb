// The parts a demand is shown in, beside its queue and on its page: words, reading, similar cases, voices, origin.
import { Link } from '@tanstack/react-router';
import { Button } from 'antd';
import { useMay } from '@/api/me';
import { Facts, Section } from '@/design/console';
import { Icon } from '@/design/core';
import { moment } from '@/design/format';
import { useLang } from '@/i18n';
import { type Detail, photoUrl, type Similar, type Step } from '../api';
import { marksOf, sharedIn, whole } from '../marks';
import { useText as useWords } from '../text';
import { alike, confidenceOf } from '../words';
import { Where } from './DemandHead';
import css from './demand.module.css';
import { Quote } from './Quote';
import { DangerBar, Reading } from './Reading';
import { useText } from './text';
import { useNames } from './useNames';
import type { TriageHandle } from './useTriage';

export function Said({ demand: d, triage }: { demand: Detail; triage: TriageHandle }) {
  const t = useText();
  const may = useMay();
  const text = whole(d);
  return (
    <Section title={t.words}>
      {d.attention ? (
        <DangerBar
          words={d.read.danger ?? []}
          act={
            may('demand.triage') ? (
              <Button size="small" onClick={() => triage.run({ do: 'attend' }, t.did.attend)}>
                {t.attend}
              </Button>
            ) : undefined
          }
        />
      ) : null}
      {text ? <Quote text={text} marks={marksOf(text, d.read)} /> : <p>{t.photoOnly}</p>}
      {d.photos.length > 0 ? (
        <div className={css.photos}>
          {d.photos.map((p, i) => (
            <a key={p} href={photoUrl(d.id, p)} target="_blank" rel="noreferrer">
              <img src={photoUrl(d.id, p)} alt={t.photo(i + 1)} loading="lazy" />
            </a>
          ))}
        </div>
      ) : null}
    </Section>
  );
}

export function ReadSection({ demand: d, triage }: { demand: Detail; triage?: TriageHandle }) {
  const t = useText();
  if (!whole(d)) return null;
  return (
    <Section title={t.reading}>
      <Reading read={d.read} onUse={triage?.use} />
    </Section>
  );
}

/** Demands in nearly the same words, with what they share; one press makes this one part of the other. */
export function SimilarList({ demand: d, triage }: { demand: Detail; triage: TriageHandle }) {
  const t = useText();
  if (d.case) {
    return (
      <Section title={t.similar}>
        <p>{t.mergedInto}</p>
      </Section>
    );
  }
  return (
    <Section title={t.similar}>
      {d.similar.length === 0 ? <p className={css.soft}>{t.similarNone}</p> : null}
      <ul className={css.similar}>
        {d.similar.map((s) => (
          <SimilarRow key={s.id} demand={d} similar={s} triage={triage} />
        ))}
      </ul>
    </Section>
  );
}

function SimilarRow({
  demand: d,
  similar: s,
  triage,
}: {
  demand: Detail;
  similar: Similar;
  triage: TriageHandle;
}) {
  const t = useText();
  const w = useWords();
  const may = useMay();
  const text = whole(s);
  const takes = !['merged', 'withdrawn', 'closed'].includes(s.state) || s.state === 'merged';
  const gives = ['queued', 'hint', 'referred', 'ready'].includes(d.state);
  return (
    <li>
      <div className={css.similarHead}>
        <Where place={s.place} />
        <span>{t.alike[alike(s.cosine)]}</span>
        <small className={css.soft}>
          {[
            s.same_place ? t.samePlace : '',
            s.same_user ? t.sameUser : '',
            moment(s.raised_at),
            w.state[s.state],
          ]
            .filter(Boolean)
            .join(' · ')}
        </small>
      </div>
      <Quote text={text} marks={sharedIn(text, s.shared)} lines={3} />
      <div className={css.similarActs}>
        <Link to={`/demands/${s.id}`}>{t.words}</Link>
        {takes && gives && may('demand.triage') ? (
          <Button
            size="small"
            loading={triage.busy}
            onClick={() => triage.run({ do: 'merge', body: { into: s.id, rev: d.rev } }, t.did.merge)}
          >
            {t.act.merge}
          </Button>
        ) : null}
      </div>
    </li>
  );
}

/** Everybody who voiced the case, with how to reach them. */
export function Voices({ demand: d }: { demand: Detail }) {
  const t = useText();
  const w = useWords();
  if (d.reporters.length === 0) return null;
  return (
    <Section title={t.voices} note={t.voicesNote(d.reporters.length)}>
      <ul className={css.voices}>
        {d.reporters.map((v) => (
          <li key={v.demand}>
            <span>
              {v.resident ? (
                <Link to={`/residents/${v.resident}`}>{v.name || v.alias || '—'}</Link>
              ) : (
                v.name || v.alias || '—'
              )}
            </span>
            <Phone number={v.phone} />
            <small className={css.soft}>
              {[w.source[v.source], moment(v.at), v.left ? t.left : ''].filter(Boolean).join(' · ')}
            </small>
          </li>
        ))}
      </ul>
    </Section>
  );
}

/** A number that can be dialed; a masked one is only shown. */
function Phone({ number }: { number: string | undefined }) {
  if (!number) return <span />;
  if (number.includes('*')) return <span className={css.soft}>{number}</span>;
  return (
    <a className={css.phone} href={`tel:${number}`}>
      <Icon name="phone" size={16} />
      {number}
    </a>
  );
}

export function Origin({ demand: d }: { demand: Detail }) {
  const t = useText();
  const w = useWords();
  const extra = Object.entries(d.extra ?? {});
  return (
    <Section title={t.origin}>
      <Facts
        rows={[
          [t.fact.source, w.source[d.source]],
          ...(d.external_id
            ? ([[t.fact.system, `${d.system ?? ''} ${d.external_id}`]] as [string, string][])
            : []),
          [t.fact.raised, moment(d.raised_at)],
          [t.fact.received, moment(d.received_at)],
          [t.fact.confidence, t.confidence[confidenceOf(d)]],
          ...(d.outcome ? ([[t.fact.outcome, w.outcome[d.outcome] ?? d.outcome]] as [string, string][]) : []),
          ...extra.map(([k, v]): [string, string] => [k, typeof v === 'string' ? v : JSON.stringify(v)]),
        ]}
      />
    </Section>
  );
}

export function History({ demand: d }: { demand: Detail }) {
  const t = useText();
  const say = useStepWords();
  return (
    <Section title={t.history}>
      <ol className={css.history}>
        {[...d.history].reverse().map((s, i) => (
          <li key={i}>
            <time>{moment(s.at)}</time>
            <span>
              {t.step[s.act] ?? s.act}
              <small className={css.soft}>{say(s)}</small>
            </span>
          </li>
        ))}
      </ol>
    </Section>
  );
}

/** Who did a step and what came of it. */
function useStepWords() {
  const t = useText();
  const names = useNames();
  const lang = useLang();
  return (s: Step): string => {
    const d = s.detail ?? {};
    const how = (d.how ?? {}) as { rule?: string };
    const parts = [
      s.who && s.who !== 'linli' ? s.who : t.system,
      typeof d.spec === 'string' ? names.catalog.spec(d.spec) : '',
      typeof d.office === 'string' ? t.referTo(names.office(d.office)) : '',
      t.rule[how.rule ?? String(d.rule ?? '')] ?? '',
      Array.isArray(d.why)
        ? (d.why as (keyof typeof t.lacks)[]).map((x) => t.lacks[x] ?? x).join(lang === 'zh' ? '、' : ', ')
        : '',
      typeof d.note === 'string' ? d.note : '',
    ];
    return parts.filter(Boolean).join(' · ');
  };
}
