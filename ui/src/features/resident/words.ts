import type { Lang } from '@/i18n';
import type { Codes, Resident } from './api';
import { useText } from './text';

/** How a person is called here: by name where the viewer may know it, by title where it is masked. */
export const nameOf = (r: Pick<Resident, 'name' | 'title'>): string =>
  r.name && !r.name.includes('*') ? r.name : r.title || r.name;

/** Whether more of this person would be seen after giving a reason. */
export const masked = (r: Pick<Resident, 'name' | 'phone'>): boolean =>
  r.name.includes('*') || (r.phone ?? '').includes('*');

/** The name of a code of one of the code sets; a code nobody knows stands for itself. */
export function codeName<C extends string | number>(
  set: readonly { code: C; zh: string; en: string }[] | undefined,
  code: C | undefined,
  lang: Lang,
): string {
  return set?.find((c) => c.code === code)?.[lang] ?? (code === undefined ? '' : String(code));
}

/** Special groups in words, in one line. */
export const groupWords = (
  codes: Codes | undefined,
  groups: readonly string[] | null | undefined,
  lang: Lang,
) => (groups ?? []).map((g) => codeName(codes?.groups, g, lang)).join(useText.both[lang].and);

/** What is sensitive about a person, as rows of name and words; only what is known and not shown elsewhere. */
export function careRows(
  { care, birth }: Pick<Resident, 'care' | 'birth'>,
  codes: Codes | undefined,
  lang: Lang,
): [string, string][] {
  if (!care) return [];
  const t = useText.both[lang];
  const disability = care.disability
    ? [
        care.disability.kinds.map((k) => codeName(codes?.disabilities, k, lang)).join(t.and),
        care.disability.grade ? t.grade(care.disability.grade) : '',
      ]
    : [];
  const scale = codes?.scales.find((s) => s.code === care.ability?.scale);
  const ability = care.ability
    ? [
        codeName(scale?.grades, care.ability.grade, lang),
        care.ability.score === undefined ? '' : t.score(care.ability.score),
        scale?.[lang] ?? care.ability.scale,
        care.ability.on ?? '',
      ]
    : [];
  const rows: [keyof typeof t.care, string][] = [
    ['id_no', care.id_no ?? ''],
    ['birth', birth ? '' : (care.birth ?? '')],
    ['health', care.health ?? ''],
    ['disability', disability.filter(Boolean).join(' · ')],
    ['ability', ability.filter(Boolean).join(' · ')],
    ['aid', care.aid ?? ''],
    ['groups', groupWords(codes, care.groups, lang)],
  ];
  return rows.filter(([, v]) => v !== '').map(([k, v]) => [t.care[k], v]);
}

/** A place path put together from a building and what was typed for entrance and dwelling. */
export function placeAt(building: string, entrance: string, room: string): string {
  const clean = (s: string) => s.trim().replaceAll('/', '-');
  const [e, r] = [clean(entrance), clean(room)];
  if (!r) return e ? `${building}/${e}` : building;
  return `${building}/${e || '1'}/${r}`;
}

/** The building of a place and what follows it. */
export function partsOf(place: string): { building: string; entrance: string; room: string } {
  const s = place.split('/');
  return { building: s.slice(0, 4).join('/'), entrance: s[4] ?? '', room: s[5] ?? '' };
}

/** Birth date and sex that a full identity number tells; undefined while it is not complete. */
export function fromId(no: string): { birth: string; sex: 1 | 2 } | undefined {
  const m = /^\d{6}(\d{4})(\d{2})(\d{2})\d{2}(\d)[\dX]$/.exec(no.trim().toUpperCase());
  return m ? { birth: `${m[1]}-${m[2]}-${m[3]}`, sex: Number(m[4]) % 2 === 1 ? 1 : 2 } : undefined;
}
