// The parts a resident is shown in, beside the list and on the page: particulars, what is sealed, the household. Texts and links.
import { Link } from '@tanstack/react-router';
import { Button } from 'antd';
import { useMay } from '@/api/me';
import { Facts, useActWords } from '@/design/console';
import { DoorPlate, Icon, StatePanel } from '@/design/core';
import { moment } from '@/design/format';
import { useLang } from '@/i18n';
import { type Detail, type Resident, useCodes, useFound, useHousehold } from '../api';
import { useText as useWords } from '../text';
import { careRows, codeName, groupWords, nameOf } from '../words';
import { RevealButton } from './RevealButton';
import css from './resident.module.css';
import { useText } from './text';
import type { useReveal } from './useReveal';

type Opened = ReturnType<typeof useReveal>;

/** A number that can be dialed; a masked one is only shown. */
export function Phone({ number }: { number: string | undefined }) {
  if (!number) return '—';
  if (number.includes('*')) return <span className={css.soft}>{number}</span>;
  return (
    <a className={css.phone} href={`tel:${number}`}>
      <Icon name="phone" size={14} />
      {number}
    </a>
  );
}

export function Particulars({ resident: r, brief }: { resident: Resident; brief?: boolean }) {
  const t = useText();
  const w = useWords();
  const lang = useLang();
  const codes = useCodes().data;
  const open = r.groups !== null;
  const rows: [string, React.ReactNode][] = [[t.phone, <Phone key="p" number={r.phone} />]];
  if (open) {
    rows.push(
      [t.sex, codeName(codes?.sexes, r.sex, lang)],
      [
        t.birth,
        r.birth ? `${r.birth}${lang === 'zh' ? '，' : ', '}${w.years(r.age)}` : r.age ? w.years(r.age) : '—',
      ],
      [t.groups, groupWords(codes, r.groups, lang) || t.noGroups],
    );
  }
  rows.push([t.home, <DoorPlate key="d" label={r.door} place={r.place} />]);
  if (r.state !== 'living') rows.push([t.stateName, w.state[r.state]]);
  if (!brief) rows.push([t.registered, moment(r.created_at)], [t.updated, moment(r.updated_at)]);
  rows.push([t.number, r.id]);
  return <Facts rows={rows} />;
}

/** What is sensitive: a sentence until a reason was given, then the data for a minute. */
export function Sealed({ opened }: { opened: Opened }) {
  const t = useText();
  const lang = useLang();
  const may = useMay();
  const codes = useCodes().data;
  if (!opened.person) {
    return <p className={css.soft}>{may('resident.reveal') ? t.sealedNote : t.sealedFor}</p>;
  }
  const rows = careRows(opened.person, codes, lang);
  return rows.length > 0 ? <Facts rows={rows} /> : <p className={css.soft}>{t.reveal.none}</p>;
}

/** The button that opens, and while open the seconds left. */
export function RevealBar({ opened }: { opened: Opened }) {
  const t = useText().reveal;
  const may = useMay();
  if (!may('resident.reveal')) return null;
  if (!opened.person) return <RevealButton onReveal={(why) => void opened.open(why)} />;
  return (
    <>
      <span className={css.left} role="status">
        {t.left(opened.left)} · {t.logged}
      </span>
      <Button size="small" type="text" onClick={opened.hide}>
        {t.hide}
      </Button>
    </>
  );
}

/** Who lives with the person; without a household one can be registered where the person lives. */
export function Family({ resident: r }: { resident: Detail }) {
  const t = useText();
  const w = useWords();
  const lang = useLang();
  const may = useMay();
  const codes = useCodes().data;
  const found = useFound();
  const { done, failed } = useActWords();
  const h = useHousehold(r.household);
  if (r.groups === null) return <p className={css.soft}>{t.hiddenFamily}</p>;
  if (!r.household) {
    return (
      <StatePanel
        state="setup"
        inline
        title={t.noFamily}
        act={
          may('resident.write') ? (
            <Button
              size="small"
              loading={found.isPending}
              onClick={() => found.mutate(r, { onSuccess: () => done(t.house.opened), onError: failed })}
            >
              {t.found}
            </Button>
          ) : undefined
        }
      />
    );
  }
  return (
    <>
      <ul className={css.rows}>
        {h.data?.members.map((m) => (
          <li key={m.id}>
            <span>
              {m.id === r.id ? nameOf(m) : <Link to={`/residents/${m.id}`}>{nameOf(m)}</Link>}
              {m.age ? <small>{w.years(m.age)}</small> : null}
            </span>
            <small>{codeName(codes?.relations, m.relation, lang)}</small>
            <Phone number={m.phone} />
          </li>
        ))}
      </ul>
      <Link to={`/households/${r.household}`}>{t.openFamily}</Link>
    </>
  );
}
