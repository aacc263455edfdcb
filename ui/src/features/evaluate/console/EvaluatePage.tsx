// Residents to call back by time left, and what residents said: figures with their intervals, ratings, groups. ↑↓ move, the panel records a call.
import { useSearch } from '@tanstack/react-router';
import { useMay } from '@/api/me';
import { useCatalogNames } from '@/api/names';
import { useScope } from '@/api/scope';
import { FilterBar, Page, useSearchPatch } from '@/design/console';
import { count } from '@/design/format';
import { useRates } from '../api';
import { CallList } from './CallList';
import { CallPanel } from './CallPanel';
import { Draw } from './Draw';
import { Figures } from './Figures';
import { RatingList } from './RatingList';
import type { Search } from './search';
import { useText } from './text';

export function EvaluatePage() {
  const t = useText();
  const may = useMay();
  const names = useCatalogNames();
  const place = useScope();
  const s = useSearch({ strict: false }) as Search;
  const patch = useSearchPatch<Search>();
  const calls = may('evaluate.callback');
  const rates = useRates(place).data;
  const show = calls ? (s.show ?? 'open') : 'ratings';
  return (
    <Page
      title={t.title}
      note={t.window}
      act={calls ? <Draw /> : undefined}
      side={
        s.sel && show !== 'ratings' ? (
          <CallPanel key={s.sel} order={s.sel} state={show} onNext={(sel) => patch({ sel })} />
        ) : undefined
      }
    >
      <Figures place={place} />
      <FilterBar<Search>
        filters={[
          ...(calls
            ? [
                {
                  kind: 'tabs' as const,
                  key: 'show' as const,
                  label: t.show,
                  options: [
                    { value: '', label: t.tabs.open, count: rates?.open },
                    { value: 'done', label: t.tabs.done },
                    { value: 'unreached', label: t.tabs.unreached },
                    { value: 'ratings', label: t.tabs.ratings },
                  ],
                },
              ]
            : []),
          ...(show === 'ratings'
            ? [
                {
                  kind: 'select' as const,
                  key: 'item' as const,
                  label: t.itemFilter,
                  width: 168,
                  options: names.items.map((i) => ({ value: i.code, label: names.item(i.code) })),
                },
                {
                  kind: 'select' as const,
                  key: 'low' as const,
                  label: t.lowFilter,
                  width: 136,
                  options: [{ value: '1', label: t.lowOnly }],
                },
              ]
            : []),
        ]}
        value={s}
        onChange={(p) => patch({ ...p, sel: undefined })}
      >
        {rates && show !== 'ratings' ? <span>{t.reached(count(rates.reached))}</span> : null}
      </FilterBar>
      {show === 'ratings' ? (
        <RatingList item={s.item} low={Boolean(s.low)} place={place} onItem={(item) => patch({ item })} />
      ) : (
        <CallList state={show} place={place} selected={s.sel} onSelect={(sel) => patch({ sel })} />
      )}
    </Page>
  );
}
