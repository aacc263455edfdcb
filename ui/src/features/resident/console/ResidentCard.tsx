// The person served, beside an order or a demand: name, phone, whom to call, what was not agreed to.
import { Link } from '@tanstack/react-router';
import { Section } from '@/design/console';
import { DoorPlate } from '@/design/core';
import { millis } from '@/design/format';
import { useLang } from '@/i18n';
import { type Detail, useCodes, useResident } from '../api';
import { useText as useWords } from '../text';
import { groupWords, masked, nameOf } from '../words';
import { Phone, RevealBar } from './parts';
import css from './resident.module.css';
import { useText } from './text';
import { useReveal } from './useReveal';

export default function ResidentCard({ resident: id }: { resident?: string }) {
  const t = useText().card;
  const w = useWords();
  const lang = useLang();
  const codes = useCodes().data;
  const q = useResident(id);
  const opened = useReveal(id ?? '');
  if (!id || !q.data) return null; // not of this area, or forgotten: the order stands without
  const r: Detail = { ...q.data, ...opened.person };
  const agreed = r.consents.some((c) => c.purpose === 'service' && millis(c.withdrawn_at) === undefined);
  const notes = [r.age ? w.years(r.age) : '', groupWords(codes, r.groups, lang)].filter(Boolean).join(' · ');
  return (
    <Section title={t.title} note={<Link to={`/residents/${id}`}>{t.open}</Link>}>
      <ul className={css.rows}>
        <li>
          <span>
            {nameOf(r)}
            <small>{notes}</small>
          </span>
          <Phone number={r.phone} />
          <DoorPlate label={r.door} place={r.place} />
        </li>
        {r.contacts.slice(0, 2).map((c) => (
          <li key={c.id}>
            <span>
              {c.name}
              <small>{c.relation || t.contact}</small>
            </span>
            <Phone number={c.phone} />
            <span />
          </li>
        ))}
      </ul>
      {agreed ? null : <p className={css.soft}>{t.lacks(w.purpose.service ?? '')}</p>}
      {masked(q.data) ? <RevealBar opened={opened} /> : null}
    </Section>
  );
}
