import { useQuery } from '@tanstack/react-query';
import { call, del, get, type Page, path, post, put } from '@/api/client';
import { useMay } from '@/api/me';
import { useAct } from '@/api/query';
import type { components } from '@/api/schema.gen';

type S = components['schemas'];
/** Rows are sent without code and revision: the path and the header carry them. */
type Stored<T> = Omit<T, 'code' | 'rev'> & { code: string; rev: number };

export type Confidence = 'seen' | 'known' | 'proposed' | 'local' | '';
export type Named = Stored<S['CatalogNamed']>;
export type Item = Stored<S['CatalogItem']>;
export type Spec = Stored<S['CatalogSpecView']>;
export type Sla = Stored<S['CatalogSLA']>;
export type Word = Stored<S['CatalogWord']>;
export type Step = S['CatalogSOPStep'];
export type Sop = Omit<S['CatalogSOP'], 'steps' | 'state'> & { steps: Step[]; state: State };
export type SopText = Omit<S['CatalogSOPText'], 'steps'> & { steps: Step[] };

export const states = ['draft', 'trial', 'published', 'retired'] as const;
export type State = (typeof states)[number];

export interface Catalog {
  categories: Named[];
  items: Item[];
  specs: Spec[];
  slas: Sla[];
  prices: Named[];
}

export const keys = {
  all: ['catalog'] as const,
  whole: ['catalog', 'whole'] as const,
  words: ['catalog', 'words'] as const,
  sops: ['catalog', 'sops'] as const,
};

export const useCatalog = () =>
  useQuery({
    queryKey: keys.whole,
    queryFn: ({ signal }) => get<Catalog>('/api/v1/catalog', undefined, signal),
  });

export const useWords = () =>
  useQuery({
    queryKey: keys.words,
    queryFn: ({ signal }) => get<Page<Word>>('/api/v1/catalog/words', undefined, signal).then((p) => p.items),
  });

/** Every version of every procedure, the newest of each first. */
export const useSops = () =>
  useQuery({
    queryKey: keys.sops,
    queryFn: ({ signal }) => get<Page<Sop>>('/api/v1/sops', undefined, signal).then((p) => p.items),
  });

const forever = { staleTime: Number.POSITIVE_INFINITY } as const;

interface Name {
  code: string;
  zh: string;
  en: string;
}

/** Roles by name: who owns a step, to whom an order goes. */
export const useRoles = () =>
  useQuery({
    queryKey: ['catalog', 'roles'],
    queryFn: ({ signal }) =>
      get<{ kinds: Name[]; roles: Name[] }>('/api/v1/actor-kinds', undefined, signal).then((a) => [
        ...a.roles,
        ...a.kinds.filter((k) => !a.roles.some((r) => r.code === k.code)),
      ]),
    ...forever,
  });

export const useSkills = () =>
  useQuery({
    queryKey: ['catalog', 'skills'],
    queryFn: ({ signal }) =>
      get<{ skills: (Name & { cert?: string })[] }>('/api/v1/skills', undefined, signal).then(
        (a) => a.skills,
      ),
    ...forever,
  });

/** What a resident may have to agree to. */
export const usePurposes = () =>
  useQuery({
    queryKey: ['catalog', 'purposes'],
    queryFn: ({ signal }) =>
      get<{ purposes: { code: string }[] }>('/api/v1/resident-codes', undefined, signal).then((c) =>
        c.purposes.map((p) => p.code),
      ),
    ...forever,
  });

/** Kinds of facilities by name, for who may read facilities. */
export function useFacilityKinds() {
  const may = useMay();
  return useQuery({
    queryKey: ['catalog', 'facility-kinds'],
    queryFn: ({ signal }) =>
      get<Page<{ kind: string; zh: string; en: string }>>('/api/v1/facility-kinds', undefined, signal).then(
        (p) => p.items,
      ),
    enabled: may('facility.read'),
    ...forever,
  });
}

const rev = (n: number) => ({ 'If-Match': `"${n}"` });
const shelf = {
  category: 'categories',
  item: 'items',
  spec: 'specs',
  sla: 'slas',
  price: 'prices',
  word: 'words',
} as const;

/** What the hub keeps of a row itself: it stands in the path and the header, or is not taken back. */
const kept = ['code', 'rev', 'sop_version', 'edited_at', 'edited_by'];

/** Replaces one row of the catalog; a row somebody changed meanwhile is refused. */
export const useSaveRow = <T extends { code: string; rev: number }>(kind: keyof typeof shelf) =>
  useAct(
    (row: T) =>
      put<T>(
        path`/api/v1/catalog/${shelf[kind]}/${row.code}`,
        Object.fromEntries(Object.entries(row).filter(([k]) => !kept.includes(k))),
        { headers: rev(row.rev) },
      ),
    { stale: [keys.all] },
  );

export const useAddWord = () =>
  useAct((w: Omit<Word, 'code' | 'rev'>, key) => post<Word>('/api/v1/catalog/words', w, { key }), {
    stale: [keys.words],
  });

export const useDropWord = () =>
  useAct(
    (w: Pick<Word, 'code' | 'rev'>) => del(path`/api/v1/catalog/words/${w.code}`, { headers: rev(w.rev) }),
    { stale: [keys.words] },
  );

/** A new draft that begins as a copy of the text. */
export const useDraft = () =>
  useAct(
    (v: { sop: string; text: SopText }, key) =>
      post<Sop>(path`/api/v1/sops/${v.sop}/drafts`, v.text, { key }),
    { stale: [keys.sops] },
  );

export const useSaveDraft = () =>
  useAct(
    (v: { sop: Pick<Sop, 'id' | 'rev'>; text: SopText }) =>
      put<Sop>(path`/api/v1/sops/${v.sop.id}`, v.text, { headers: rev(v.sop.rev) }),
    { stale: [keys.sops] },
  );

export type Move = 'trial' | 'publish' | 'retire';

export const useMove = () =>
  useAct(
    (v: { sop: Pick<Sop, 'id' | 'rev'>; to: Move }, key) =>
      call<Sop>('POST', path`/api/v1/sops/${v.sop.id}/${v.to}`, { key, body: {}, headers: rev(v.sop.rev) }),
    { stale: [keys.all] },
  );

/** What people write of a version, without what the hub keeps of it. */
export const textOf = (s: Sop): SopText => ({
  zh: s.zh,
  en: s.en,
  scope_zh: s.scope_zh,
  scope_en: s.scope_en,
  owner: s.owner,
  basis: s.basis,
  change: s.change,
  source: s.source,
  confidence: s.confidence,
  steps: s.steps,
});
