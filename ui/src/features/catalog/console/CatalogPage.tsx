// What the street offers: services, their promises, the words they are recognized by, and the procedures. Everything chosen stands in the URL.
import { useSearch } from '@tanstack/react-router';
import { Button } from 'antd';
import { useMay } from '@/api/me';
import { type Filter, FilterBar, Page, useSearchPatch } from '@/design/console';
import { Loaded } from '@/design/core';
import { count } from '@/design/format';
import { useLang } from '@/i18n';
import { type Catalog, useCatalog } from '../api';
import { useText } from '../text';
import { PricesTab } from './PricesTab';
import { SlaPanel, SlaTab } from './SlaTab';
import { SopsTab } from './SopsTab';
import { SpecPanel } from './SpecPanel';
import { SpecsTab } from './SpecsTab';
import { type Search, tabs } from './search';
import { WordPanel, WordsTab } from './WordsTab';

export function CatalogPage() {
  const t = useText();
  const may = useMay();
  const s = useSearch({ strict: false }) as Search;
  const patch = useSearchPatch<Search>();
  const q = useCatalog();
  const close = () => patch({ sel: undefined, edit: undefined });
  const side = (c: Catalog) => {
    if (!s.sel) return undefined;
    if (s.tab === undefined) return <SpecPanel key={s.sel} catalog={c} code={s.sel} onClose={close} />;
    if (s.tab === 'sla') return <SlaPanel key={s.sel} catalog={c} code={s.sel} onClose={close} />;
    if (s.tab === 'words') return <WordPanel key={s.sel} catalog={c} code={s.sel} onClose={close} />;
    return undefined;
  };
  const off = q.data?.specs.filter((x) => x.off).length ?? 0;
  return (
    <Page
      title={t.title}
      note={q.data && s.tab === undefined ? t.count(count(q.data.specs.length), count(off)) : undefined}
      act={
        s.tab === 'words' && may('catalog.write') ? (
          <Button type="primary" onClick={() => patch({ sel: 'new' })}>
            {t.words.add}
          </Button>
        ) : undefined
      }
      side={q.data ? side(q.data) : undefined}
    >
      <FilterBar<Search>
        filters={useFilters(s, q.data)}
        value={s}
        onChange={(p) =>
          patch(
            'tab' in p ? { ...cleared, ...p, tab: tabs.find((x) => x === p.tab) } : { ...p, sel: undefined },
          )
        }
      />
      <Loaded query={q} rows={10}>
        {(c) =>
          s.tab === 'sla' ? (
            <SlaTab catalog={c} selected={s.sel} onSelect={(sel) => patch({ sel })} />
          ) : s.tab === 'words' ? (
            <WordsTab catalog={c} search={s} onSelect={(sel) => patch({ sel })} />
          ) : s.tab === 'sops' ? (
            <SopsTab catalog={c} />
          ) : s.tab === 'prices' ? (
            <PricesTab catalog={c} />
          ) : (
            <SpecsTab
              catalog={c}
              search={s}
              onItem={(item) => patch({ item, sel: undefined })}
              onSelect={(sel) => patch({ sel })}
            />
          )
        }
      </Loaded>
    </Page>
  );
}

/** A filter of one tab means nothing on another. */
const cleared: Search = {
  item: undefined,
  mode: undefined,
  confidence: undefined,
  spec: undefined,
  q: undefined,
  sel: undefined,
  edit: undefined,
};

function useFilters(s: Search, c: Catalog | undefined): Filter<Search>[] {
  const t = useText();
  const lang = useLang();
  const options = (words: Record<string, string>) =>
    Object.entries(words).map(([value, label]) => ({ value, label }));
  const tab: Filter<Search> = {
    kind: 'tabs',
    key: 'tab',
    label: t.tab.label,
    options: [{ value: '', label: t.tab.specs }, ...tabs.map((value) => ({ value, label: t.tab[value] }))],
  };
  if (s.tab === undefined) {
    return [
      tab,
      { kind: 'search', key: 'q', label: t.searchSpec, width: 168 },
      { kind: 'select', key: 'mode', label: t.modeFilter, width: 120, options: options(t.mode) },
      {
        kind: 'select',
        key: 'confidence',
        label: t.confidenceFilter,
        width: 128,
        options: options(t.confidence),
      },
    ];
  }
  if (s.tab === 'words') {
    return [
      tab,
      { kind: 'search', key: 'q', label: t.words.search, width: 168 },
      {
        kind: 'select',
        key: 'spec',
        label: t.words.spec,
        width: 176,
        options: [
          { value: 'danger', label: t.words.danger },
          ...(c?.specs.map((x) => ({ value: x.code, label: x[lang] })) ?? []),
        ],
      },
    ];
  }
  return [tab];
}
