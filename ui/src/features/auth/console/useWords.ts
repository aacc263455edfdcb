import { useLang } from '@/i18n';
import { useTown } from '@/map/town';
import { type Grant, useOrgs, usePolicy, useUsers } from '../api';
import { useText } from '../text';

/** Names for what an account carries: roles, places, organizations, colleagues. */
export function useWords() {
  const t = useText();
  const lang = useLang();
  const town = useTown();
  const policy = usePolicy().data;
  const orgs = useOrgs().data;
  const users = useUsers().items;
  const role = (code: string) => policy?.roles[code]?.[lang] ?? code;
  const org = (id: string) => orgs?.find((o) => o.id === id)?.name ?? id;
  const place = (p: string) => {
    const named = town.spot(p);
    if (named) return named.name;
    // a street is no place of the register: it is named by its communities
    const inside = town.spots.filter((s) => s.depth === 1 && s.place.startsWith(p));
    return inside.length > 0 ? inside.map((s) => s.name).join(lang === 'zh' ? '、' : ', ') : p;
  };
  const scope = (g: Grant) => {
    const parts = [g.place ? place(g.place) : '', g.org ? org(g.org) : ''].filter(Boolean);
    if (parts.length > 0) return parts.join(' · ');
    return policy?.roles[g.role]?.reach === 'own' ? t.users.own : '';
  };
  return {
    role,
    scope,
    place,
    grant: (g: Grant) => [role(g.role), scope(g)].filter(Boolean).join(' · '),
    person: (id: string) => users?.find((u) => u.id === id)?.name,
    users: users ?? [],
    policy,
  };
}
