// Where services are held: the list, and beside it the slots and bookings of the chosen one. ↑↓ move, Escape closes.
import { Link, useSearch } from '@tanstack/react-router';
import { Button } from 'antd';
import { useMay } from '@/api/me';
import { useCatalogNames } from '@/api/names';
import { useScope } from '@/api/scope';
import { FilterBar, Page, Panel, useSearchPatch, WorkList } from '@/design/console';
import { DoorPlate, Loaded } from '@/design/core';
import { count } from '@/design/format';
import { useLang } from '@/i18n';
import { useTown } from '@/map/town';
import { type Facility, useFacilities, useKinds } from '../api';
import { filtered, kindName } from '../hours';
import { useText } from '../text';
import { FacilityPanel } from './FacilityPanel';
import css from './match.module.css';
import type { Search } from './search';

export function FacilitiesPage() {
  const t = useText();
  const lang = useLang();
  const may = useMay();
  const search = useSearch({ strict: false }) as Search;
  const patch = useSearchPatch<Search>();
  const scope = useScope();
  const town = useTown();
  const catalog = useCatalogNames();
  const kinds = useKinds();
  const all = useFacilities();
  const chosen = all.data?.find((f) => f.id === search.sel);
  const rows = all.data && filtered(all.data, { ...search, place: scope }, catalog.spec);
  return (
    <Page
      title={t.title}
      note={rows ? t.rowCount(count(rows.length)) : null}
      act={
        may('facility.write') ? (
          <Link to="/facilities/new">
            <Button type="primary">{t.register}</Button>
          </Link>
        ) : null
      }
      side={
        chosen ? (
          <FacilityPanel
            key={chosen.id}
            facility={chosen}
            day={Number(search.day ?? 0)}
            onDay={(day) => patch({ day: day === 0 ? undefined : String(day) })}
            onClose={() => patch({ sel: undefined, day: undefined })}
          />
        ) : undefined
      }
    >
      <FilterBar<Search>
        filters={[
          {
            kind: 'select',
            key: 'kind',
            label: t.all,
            width: 200,
            options: kinds?.map((k) => ({ value: k.kind, label: k[lang] })) ?? [],
          },
          { kind: 'search', key: 'q', label: t.find },
        ]}
        value={search}
        onChange={patch}
      />
      <Panel flush>
        <Loaded query={{ ...all, data: rows }} empty={all.data?.length ? t.none : t.nothing}>
          {(list) => (
            <WorkList<Facility>
              label={t.title}
              rows={list}
              id={(f) => f.id}
              selected={search.sel}
              onSelect={(f) => patch({ sel: f.id })}
              columns={[
                { key: 'n', title: t.name, width: 'minmax(140px, 1.2fr)', render: (f) => <b>{f.name}</b> },
                {
                  key: 'k',
                  title: t.kind,
                  width: 'minmax(104px, 0.8fr)',
                  render: (f) => kindName(kinds, f.kind, lang),
                },
                {
                  key: 'w',
                  title: t.where,
                  width: 'minmax(120px, 1fr)',
                  render: (f) => <DoorPlate label={town.door(f.place)} />,
                },
                ...(chosen
                  ? []
                  : [
                      {
                        key: 's',
                        title: t.services,
                        width: 'minmax(160px, 1.4fr)',
                        render: (f: Facility) => (
                          <span className={css.clip}>{f.specs.map(catalog.spec).join(t.and)}</span>
                        ),
                      },
                      {
                        key: 'f',
                        title: t.stepFree,
                        width: '72px',
                        render: (f: Facility) => (f.step_free ? t.h.stepFree : '—'),
                      },
                    ]),
                { key: 'c', title: t.seats, width: '88px', right: true, render: (f) => count(f.capacity) },
                {
                  key: 'a',
                  title: t.state,
                  width: '72px',
                  render: (f) => (f.active ? t.open : t.closedForGood),
                },
              ]}
            />
          )}
        </Loaded>
      </Panel>
    </Page>
  );
}
