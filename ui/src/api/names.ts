import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { useLang } from '@/i18n';
import { get } from './client';
import { useMay } from './me';

/** A row of the catalog as far as other features name it. */
export interface CatalogItem {
  code: string;
  zh: string;
  en: string;
}

export interface CatalogSpec extends CatalogItem {
  /** What it is, in a sentence. */
  about_zh?: string;
  about_en?: string;
  item: string;
  mode: 'worker' | 'facility' | 'referral';
  facility?: string;
  minutes: number;
  persons: number;
  off?: boolean;
}

interface Catalog {
  items: CatalogItem[];
  specs: CatalogSpec[];
}

const none: Catalog = { items: [], specs: [] };

/** The names of items and specifications in the language in use; a code nobody knows stands for itself. */
export function useCatalogNames() {
  const lang = useLang();
  const may = useMay();
  const { data = none } = useQuery({
    queryKey: ['catalog', 'names'],
    queryFn: ({ signal }) => get<Catalog>('/api/v1/catalog', undefined, signal),
    enabled: may('catalog.read'),
    staleTime: 10 * 60_000,
  });
  return useMemo(() => {
    const items = new Map(data.items.map((i) => [i.code, i]));
    const specs = new Map(data.specs.map((s) => [s.code, s]));
    return {
      items: data.items,
      specs: data.specs,
      item: (code: string) => items.get(code)?.[lang] ?? code,
      spec: (code: string) => specs.get(code)?.[lang] ?? code,
      specOf: (code: string) => specs.get(code),
    };
  }, [data, lang]);
}
