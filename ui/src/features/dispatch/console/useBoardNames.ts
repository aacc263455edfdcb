import { useMemo } from 'react';
import { useCatalogNames } from '@/api/names';
import { plateLabel } from '@/design/format';
import { useLang } from '@/i18n';
import { useTown } from '@/map/town';
import { type Board, type Order, useOrgs, useSkills, type Why } from '../api';
import { useText } from '../text';
import type { Names } from '../words';

/** Everything by name: doors, organizations, skills, specifications. */
export function useBoardNames() {
  const t = useText();
  const lang = useLang();
  const town = useTown();
  const catalog = useCatalogNames();
  const orgs = useOrgs();
  const skills = useSkills();
  return useMemo(() => {
    const skill = new Map(skills?.map((s) => [s.code, s[lang]]));
    return {
      t,
      town,
      spec: catalog.spec,
      item: catalog.item,
      /** As it stands on a plate: short enough for a lane. */
      plate: (place: string) => plateLabel(town.door(place)),
      doorOf: (o: Order) => plateLabel(o.door || town.door(o.place)),
      org: (id: string) => orgs?.get(id) ?? '',
      skill: (code: string) => skill.get(code) ?? code,
    };
  }, [t, lang, town, catalog, orgs, skills]);
}

export type BoardNames = ReturnType<typeof useBoardNames>;

/** Names of workers from what is on the screen anyway: the lanes, the candidates. */
export function workerNames(skill: (code: string) => string, board?: Board, why?: Why): Names {
  const by = new Map<string, string>();
  for (const l of board?.lanes ?? []) by.set(l.worker, l.name);
  for (const o of [...(why?.options ?? []), ...(why?.others ?? [])]) by.set(o.worker, o.name);
  return { skill, worker: (id) => by.get(id) ?? '—' };
}
