// Where a row of the catalog comes from and how sure it is: word and source, the full sentence on hover. Text only.
import { useLang } from '@/i18n';
import { type Confidence, useFacilityKinds, useRoles, useSkills } from '../api';
import { useText } from '../text';
import css from './catalog.module.css';

export function SourceMark({
  source,
  confidence,
  long,
}: {
  source?: string;
  confidence?: Confidence;
  /** The sentence and the source in words, not only the mark. */
  long?: boolean;
}) {
  const t = useText();
  const c = confidence || 'proposed';
  return (
    <span
      className={css.source}
      data-confidence={c}
      data-long={long}
      title={[t.confidenceLong[c], source].filter(Boolean).join(' · ')}
    >
      <i aria-hidden="true" />
      {t.confidence[c]}
      {source ? <small>{source}</small> : null}
      {long ? <small>{t.confidenceLong[c]}</small> : null}
    </span>
  );
}

/** Names of roles, skills, facility kinds and purposes in the language in use; a code nobody knows stands for itself. */
export function useNames() {
  const t = useText();
  const lang = useLang();
  const roles = useRoles().data;
  const skills = useSkills().data;
  const kinds = useFacilityKinds().data;
  return {
    role: (code: string) => roles?.find((r) => r.code === code)?.[lang] ?? code,
    skill: (code: string) => skills?.find((s) => s.code === code)?.[lang] ?? code,
    facility: (code: string) => kinds?.find((k) => k.kind === code)?.[lang] ?? t.facility[code] ?? code,
    purpose: (code: string) => t.purpose[code] ?? code,
    roles: roles ?? [],
    skills: skills ?? [],
    facilities: kinds?.map((k) => k.kind) ?? Object.keys(t.facility),
  };
}
