// The parts a worker is shown in, beside the list and on the page: particulars, skills and what proves them, shifts, absences.
import { Link } from '@tanstack/react-router';
import { Button } from 'antd';
import { useMay } from '@/api/me';
import { useNow } from '@/design/clock';
import { Facts, useActWords } from '@/design/console';
import { DoorPlate, Icon } from '@/design/core';
import { count, figure, moment, span } from '@/design/format';
import { useTown } from '@/map/town';
import { useEndAbsence, useKinds, type Worker } from '../api';
import { useText as useWords } from '../text';
import { hoursIn, mondayOf, parseSpans } from '../week';
import { AddCertificate, RevokeButton } from './CertificateForm';
import { CertLeft, Phone, useSkillNames, useSpanWords } from './marks';
import css from './party.module.css';
import { useText } from './text';

export function WorkerFacts({ worker: w }: { worker: Worker }) {
  const t = useText().worker;
  const words = useWords();
  const town = useTown();
  const may = useMay();
  return (
    <Facts
      rows={[
        [
          t.org,
          may('party.read') ? (
            <Link key="o" to="/parties" search={{ sel: w.org } as never}>
              {w.org_name}
            </Link>
          ) : (
            w.org_name
          ),
        ],
        [t.phone, <Phone key="p" number={w.phone} />],
        [t.profile, t.profiles[w.profile] ?? w.profile],
        [t.start, <DoorPlate key="d" label={town.door(w.place)} />],
        [t.areas, w.areas.length > 0 ? w.areas.map(town.door).join(words.and) : t.everywhere],
        [t.load, t.minutes(count(w.max_load_min))],
        [t.number, w.id],
      ]}
    />
  );
}

/** Skills with what proves each; one without its certificate says that it does not count now. */
export function Skills({ worker: w }: { worker: Worker }) {
  const t = useText().worker;
  const words = useWords();
  const names = useSkillNames(useKinds().data);
  if (w.skills.length === 0) return <p className={css.soft}>{t.noSkills}</p>;
  return (
    <ul className={css.skills}>
      {w.skills.map((s) => {
        const proof = names.proof(s.code);
        const holds = !proof || w.certificates.some((c) => c.kind === proof && c.valid);
        return (
          <li key={s.code} data-holds={holds}>
            <Icon name={holds ? 'check' : 'minus'} size={16} />
            <span>{names.skill(s.code)}</span>
            <small>{words.level(s.level)}</small>
            <small>{proof ? (holds ? t.needs(names.cert(proof)) : t.unproved(names.cert(proof))) : ''}</small>
          </li>
        );
      })}
    </ul>
  );
}

/** Certificates, those that ended or end soon first. */
export function Certificates({ worker: w }: { worker: Worker }) {
  const t = useText();
  const words = useWords();
  const may = useMay();
  const names = useSkillNames(useKinds().data);
  const far = Number.POSITIVE_INFINITY;
  const rows = [...w.certificates].sort((a, b) => (a.days_left ?? far) - (b.days_left ?? far));
  return (
    <>
      {rows.length === 0 ? <p className={css.soft}>{t.worker.noCertificates}</p> : null}
      <ul className={css.certs}>
        {rows.map((c) => (
          <li key={c.id} data-valid={c.valid}>
            <div>
              <b>{names.cert(c.kind)}</b>
              <small>
                {[c.level ? words.level(c.level) : '', c.number, c.expires ? words.until(c.expires) : '']
                  .filter(Boolean)
                  .join(' · ')}
              </small>
            </div>
            <CertLeft cert={c} />
            {may('party.write') && c.valid ? (
              <RevokeButton worker={w.id} certificate={c} name={names.cert(c.kind)} />
            ) : (
              <span />
            )}
          </li>
        ))}
      </ul>
      {may('party.write') ? <AddCertificate worker={w.id} /> : null}
    </>
  );
}

/** The weekly pattern in seven lines. */
export function Week({ worker: w }: { worker: Worker }) {
  const t = useText();
  const words = useWords();
  const spans = useSpanWords();
  const now = useNow();
  return (
    <>
      <ol className={css.week}>
        {w.week.map((d, i) => (
          <li key={words.days[i]} data-off={d === ''}>
            <span>{words.days[i]}</span>
            <span>{spans(parseSpans(d) ?? [])}</span>
          </li>
        ))}
      </ol>
      <p className={css.soft}>
        {t.col.week} {words.hours(figure(hoursIn(w, mondayOf(now))))}
      </p>
    </>
  );
}

/** Running and coming absences; each ends with one press. */
export function Absences({ worker: w }: { worker: Worker }) {
  const t = useText();
  const words = useWords();
  const may = useMay();
  const end = useEndAbsence();
  const { done, failed } = useActWords();
  if (w.absences.length === 0) return <p className={css.soft}>{t.worker.noAbsences}</p>;
  return (
    <ul className={css.rows}>
      {w.absences.map((a) => (
        <li key={a.id}>
          <span>{words.absence[a.kind] ?? (a.kind || words.away)}</span>
          <span title={moment(a.from)}>{span(a.from, a.to)}</span>
          {may('party.write') ? (
            <Button
              size="small"
              onClick={() =>
                end.mutate(
                  { worker: w.id, absence: a.id },
                  { onSuccess: () => done(t.absent.ended(w.name)), onError: failed },
                )
              }
            >
              {t.absent.end}
            </Button>
          ) : (
            <span />
          )}
        </li>
      ))}
    </ul>
  );
}
