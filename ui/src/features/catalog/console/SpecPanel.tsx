// One specification beside the list, and its form. Escape closes.
import { Link, useSearch } from '@tanstack/react-router';
import { Button } from 'antd';
import { useMay } from '@/api/me';
import { Facts, SidePanel, useSearchPatch } from '@/design/console';
import { StatePanel } from '@/design/core';
import { count, moment } from '@/design/format';
import { useLang } from '@/i18n';
import { type Catalog, type Spec, useSops } from '../api';
import { useText } from '../text';
import css from './catalog.module.css';
import { SourceMark, useNames } from './marks';
import { SpecForm } from './SpecForm';
import type { Search } from './search';

export function SpecPanel({
  catalog: c,
  code,
  onClose,
}: {
  catalog: Catalog;
  code: string;
  onClose: () => void;
}) {
  const t = useText();
  const lang = useLang();
  const may = useMay();
  const { edit } = useSearch({ strict: false }) as Search;
  const patch = useSearchPatch<Search>();
  const spec = c.specs.find((x) => x.code === code);
  const editing = edit === '1' && may('catalog.write');
  return (
    <SidePanel
      label={t.spec.panel}
      head={
        spec ? (
          <>
            <h2>{spec[lang]}</h2>
            <span className={css.soft}>
              {spec.sla} · {t.mode[spec.mode]}
            </span>
          </>
        ) : null
      }
      onClose={onClose}
      acts={
        spec && may('catalog.write') && !editing ? (
          <Button type="primary" onClick={() => patch({ edit: '1' })}>
            {t.spec.edit}
          </Button>
        ) : undefined
      }
    >
      {!spec ? (
        <StatePanel state="empty" title={t.noSpecs} />
      ) : editing ? (
        <SpecForm key={spec.rev} catalog={c} spec={spec} onDone={() => patch({ edit: undefined })} />
      ) : (
        <SpecFacts catalog={c} spec={spec} />
      )}
    </SidePanel>
  );
}

function SpecFacts({ catalog: c, spec: s }: { catalog: Catalog; spec: Spec }) {
  const t = useText();
  const lang = useLang();
  const names = useNames();
  const sops = useSops().data;
  const sop = sops?.find((x) => x.id === s.sop_version);
  const sla = c.slas.find((x) => x.code === s.sla);
  const price = c.prices.find((x) => x.code === s.price);
  const item = c.items.find((x) => x.code === s.item);
  return (
    <Facts
      rows={[
        [t.col.item, item?.[lang]],
        [t.spec.about, (lang === 'zh' ? s.about_zh : s.about_en) || '—'],
        [t.spec.mode, t.mode[s.mode]],
        ...(s.facility ? ([[t.spec.facility, names.facility(s.facility)]] as [string, string][]) : []),
        [
          t.spec.sla,
          <Link key="s" to="/catalog" search={{ tab: 'sla', sel: s.sla } as never}>
            {s.sla} {sla?.[lang]}
          </Link>,
        ],
        [t.spec.minutes, t.minutes(count(s.minutes))],
        [t.spec.persons, t.persons(count(s.persons))],
        [
          t.spec.skills,
          s.skills?.length
            ? s.skills.map((k) => `${names.skill(k.code)} ${t.spec.level(k.level)}`).join(t.and)
            : t.spec.noSkills,
        ],
        [t.spec.consent, s.consent ? names.purpose(s.consent) : t.spec.noConsent],
        [t.spec.price, `${price?.[lang] ?? s.price} · ${t.nature[s.nature]}`],
        [
          t.spec.sop,
          <Link key="p" to={`/catalog/sops/${s.sop}`}>
            {sop?.[lang] ?? s.sop}
            {sop ? <small className={css.after}>{t.sop.version(sop.version)}</small> : null}
          </Link>,
        ],
        [t.spec.state, s.off ? t.off : t.spec.on],
        [t.spec.source, <SourceMark key="c" source={s.source} confidence={s.confidence} long />],
        [
          t.spec.code,
          <>
            {s.code}
            {s.edited_at ? <small className={css.after}>{t.editedAt(moment(s.edited_at))}</small> : null}
          </>,
        ],
      ]}
    />
  );
}
