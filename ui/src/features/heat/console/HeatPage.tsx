// Where needs are, by item and window. The list holds the same cells as the map; a cell chosen in one is chosen in both.
import { useSearch } from '@tanstack/react-router';
import { Button } from 'antd';
import { useMemo, useRef } from 'react';
import { useCatalogNames } from '@/api/names';
import { useScope } from '@/api/scope';
import { FilterBar, HeatLegend, MapPanel, Page, useSearchPatch } from '@/design/console';
import { AsOf, Loaded, StatePanel } from '@/design/core';
import { count } from '@/design/format';
import { boundsOf, useTown } from '@/map/town';
import { type HeatMap, useCenters, useHeat } from '../api';
import { nameOf, ranked, valuesOf } from '../cells';
import { useText } from '../text';
import { CellList } from './CellList';
import { CellPanel } from './CellPanel';
import css from './heat.module.css';
import type { Search } from './search';

export function HeatPage() {
  const t = useText();
  const search = useSearch({ strict: false }) as Search;
  const patch = useSearchPatch<Search>();
  const catalog = useCatalogNames();
  const town = useTown();
  const window = search.window ?? '7d';
  const ask = { item: search.item, window, res: Number(search.res ?? 9), place: useScope() };
  const heat = useHeat(ask);
  const cells = useSteady(heat.data);
  const centers = useCenters(cells);
  const where = (cell: string) => {
    const name = nameOf(centers?.get(cell), town.spots);
    return name && t.around(name);
  };
  const about = t.legend(search.item ? catalog.item(search.item) : t.allItems, t.windows[window] ?? window);
  return (
    <Page
      fill
      title={t.title}
      note={heat.data ? <AsOf at={heat.data.as_of} /> : null}
      side={
        search.cell && heat.data ? (
          <CellPanel
            cell={search.cell}
            heat={heat.data}
            where={where(search.cell) ?? t.cell}
            about={about}
            onClose={() => patch({ cell: undefined })}
          />
        ) : undefined
      }
    >
      <FilterBar<Search>
        filters={[
          {
            kind: 'select',
            key: 'item',
            label: t.allItems,
            width: 168,
            options: catalog.items.map((i) => ({ value: i.code, label: catalog.item(i.code) })),
          },
          { kind: 'tabs', key: 'window', label: t.window, options: tabs(t.windows) },
          { kind: 'tabs', key: 'res', label: t.grain, options: tabs(t.grains) },
          {
            kind: 'tabs',
            key: 'view',
            label: t.view,
            options: [
              { value: '', label: t.map },
              { value: 'list', label: t.list },
            ],
          },
        ]}
        value={{ view: '', ...search, window, res: String(ask.res) }}
        onChange={(p) => patch({ ...p, cell: p.view === undefined ? undefined : search.cell })}
      />
      <Loaded
        query={heat}
        isEmpty={(m) => m.cells.length === 0}
        empty={<StatePanel state="empty" title={t.nothing} />}
      >
        {(m) => (
          <>
            <Finding heat={m} where={where} onRes={(res) => patch({ res: String(res), cell: undefined })} />
            {search.view === 'list' ? (
              <CellList
                heat={m}
                where={(cell) => where(cell) ?? cell}
                selected={search.cell}
                onSelect={(cell) => patch({ cell })}
              />
            ) : (
              <div className={css.map}>
                <MapOf
                  heat={m}
                  cells={cells}
                  town={town}
                  about={about}
                  selected={search.cell}
                  onPick={(cell) => patch({ cell: cell === search.cell ? undefined : cell })}
                />
              </div>
            )}
          </>
        )}
      </Loaded>
    </Page>
  );
}

const tabs = (words: Record<string, string>) =>
  Object.entries(words).map(([value, label]) => ({ value, label }));

/** The same array while the cells are the same: the map then writes values only. */
function useSteady(heat: HeatMap | undefined): readonly string[] {
  const before = useRef<readonly string[]>([]);
  const now = heat?.cells.map((c) => c.cell) ?? before.current;
  if (now.length !== before.current.length || now.some((c, i) => c !== before.current[i]))
    before.current = now;
  return before.current;
}

/** The finding of the map in a sentence, with the total beside it; larger cells when all are too small. */
function Finding({
  heat,
  where,
  onRes,
}: {
  heat: HeatMap;
  where: (cell: string) => string | undefined;
  onRes: (res: number) => void;
}) {
  const t = useText();
  const first = ranked(heat.cells)[0];
  const name = first && where(first.cell);
  const wider = heat.res - 1;
  return (
    <p className={css.finding}>
      <b>{first ? (name ? t.hottest(name, count(first.n)) : t.hottestCell(count(first.n))) : t.scattered}</b>
      {first ? <span>{t.total(count(heat.total), count(heat.cells.length - heat.hidden))}</span> : null}
      {heat.hidden > 0 ? <span>{t.few(count(heat.hidden))}</span> : null}
      {first || wider < 8 ? null : (
        <Button size="small" onClick={() => onRes(wider)}>
          {t.wider(t.grains[wider] ?? '')}
        </Button>
      )}
    </p>
  );
}

function MapOf({
  heat,
  cells,
  town,
  about,
  selected,
  onPick,
}: {
  heat: HeatMap;
  cells: readonly string[];
  town: ReturnType<typeof useTown>;
  about: string;
  selected?: string;
  onPick: (cell: string) => void;
}) {
  const t = useText();
  const values = useMemo(() => valuesOf(heat.cells), [heat]);
  const counted = values.filter((v) => v !== null);
  const most = Math.max(0, ...counted);
  const layer = useMemo(
    () => ({ cells, values, hot: selected ? cells.map((c) => c === selected) : undefined }),
    [cells, values, selected],
  );
  const bounds = useMemo(() => boundsOf(town.spots.filter((s) => s.depth === 4)), [town]);
  return (
    <MapPanel
      label={t.label}
      heat={layer}
      bounds={bounds}
      onPick={(p) => {
        const cell = cells[Number(p.id)];
        if (p.kind === 'cell' && cell) onPick(cell);
      }}
      legend={
        <div className={css.legend}>
          <HeatLegend
            title={about}
            low={most > 0 ? count(Math.min(...counted)) : ''}
            high={most > 0 ? count(most) : ''}
          />
          <p>
            <i aria-hidden="true" />
            {t.fewShort}
          </p>
          <small>{t.floor(count(heat.floor))}</small>
          <AsOf at={heat.as_of} />
        </div>
      }
    />
  );
}
