import type { Detail, Draft } from '../api';
import { fromId, partsOf, placeAt } from '../words';

/** What the form holds; empty texts are "nothing said" in the sensitive part and "cleared" elsewhere. */
export interface Fields {
  name: string;
  sex: 0 | 1 | 2 | 9;
  birth: string;
  phone: string;
  building?: string;
  entrance: string;
  room: string;
  address: string;
  relation?: string;
  groups: string[];
  state: 'living' | 'moved' | 'died';
  id_no: string;
  health: string;
  aid: string;
  kinds: number[];
  grade?: number;
  scale?: string;
  score?: number | null;
  abilityGrade?: string;
  on: string;
  careGroups: string[];
}

/** What the form begins with: the person as known, or nobody at a place. */
export function fieldsOf(r: Detail | undefined, place = ''): Fields {
  const at = partsOf(r?.place ?? place);
  return {
    name: r?.name ?? '',
    sex: (r?.sex ?? 0) as Fields['sex'],
    birth: r?.birth ?? '',
    phone: r?.phone ?? '',
    building: at.building.split('/').length === 4 ? at.building : undefined,
    entrance: at.entrance,
    room: at.room,
    address: '',
    relation: r?.relation || undefined,
    groups: r?.groups ?? [],
    state: r?.state ?? 'living',
    id_no: '',
    health: '',
    aid: '',
    kinds: [],
    on: '',
    careGroups: [],
  };
}

/** What is sent: of an edit only what differs, of the sensitive part only what was filled in. */
export function draftOf(f: Fields, before: Fields | undefined, derived: readonly string[]): Draft {
  const d: Draft = {};
  const open = f.groups.filter((g) => !derived.includes(g));
  const differs = <K extends keyof Fields>(k: K) =>
    before === undefined
      ? f[k] !== '' && f[k] !== undefined
      : JSON.stringify(f[k]) !== JSON.stringify(before[k]);
  if (differs('name')) d.name = f.name.trim();
  if (differs('sex')) d.sex = f.sex;
  if (differs('birth')) d.birth = f.birth;
  if (differs('phone')) d.phone = f.phone.trim();
  if (differs('relation')) d.relation = f.relation ?? '';
  if (differs('state')) d.state = f.state;
  if (before ? differs('groups') : open.length > 0) d.groups = open;
  if (f.building && (differs('building') || differs('entrance') || differs('room'))) {
    d.place = placeAt(f.building, f.entrance, f.room);
  }
  if (f.address.trim()) d.address = f.address.trim();
  if (f.id_no.trim()) {
    d.id_no = f.id_no.trim();
    // the number says both; what the form guessed from it is not said twice
    if (fromId(f.id_no)) {
      delete d.birth;
      delete d.sex;
    }
  }
  if (f.health.trim()) d.health = f.health.trim();
  if (f.aid.trim()) d.aid = f.aid.trim();
  if (f.kinds.length > 0 || f.grade) d.disability = { kinds: f.kinds, grade: f.grade ?? 0 };
  if (f.scale) {
    d.ability = {
      scale: f.scale,
      ...(typeof f.score === 'number' ? { score: f.score } : {}),
      ...(f.abilityGrade && typeof f.score !== 'number' ? { grade: f.abilityGrade } : {}),
      ...(f.on ? { on: f.on } : {}),
    };
  }
  if (f.careGroups.length > 0) d.care_groups = f.careGroups;
  return d;
}
