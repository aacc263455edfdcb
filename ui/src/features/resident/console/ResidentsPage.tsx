// The register of people: places on the left, people on the right, the chosen one beside them. ↑↓ move, Enter opens the page.
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { Button } from 'antd';
import { useMemo, useState } from 'react';
import { useMay } from '@/api/me';
import { useScope } from '@/api/scope';
import { type Column, FilterBar, MapPanel, Page, Panel, useSearchPatch, WorkList } from '@/design/console';
import { PlaceSelect } from '@/design/console/PlaceSelect';
import { DoorPlate, Loaded, PersonName, StatePanel } from '@/design/core';
import { count } from '@/design/format';
import { useLang } from '@/i18n';
import { boundsOf, useTown } from '@/map/town';
import { type Resident, reveal, useCodes, useResidents } from '../api';
import { useText as useWords } from '../text';
import { groupWords, masked, nameOf } from '../words';
import { PlaceTree } from './PlaceTree';
import { ResidentPanel } from './ResidentPanel';
import { Reasons } from './RevealButton';
import css from './resident.module.css';
import { filterOf, type Search } from './search';
import { useText } from './text';

export function ResidentsPage() {
  const t = useText();
  const w = useWords();
  const lang = useLang();
  const may = useMay();
  const s = useSearch({ strict: false }) as Search;
  const patch = useSearchPatch<Search>();
  const codes = useCodes().data;
  const group = codes?.groups.find((g) => g.code === s.group);
  const sensitive = group?.class === 'D3';
  // The reason of a sensitive list is never part of a link: whoever opens the link gives an own one.
  const [reason, setReason] = useState<{ group: string; words: string }>();
  const given = reason?.group === s.group ? reason?.words : undefined;
  return (
    <Page
      fill
      title={t.title}
      act={
        <>
          {may('resident.import') ? (
            <Link to="/residents/import">
              <Button>{t.import}</Button>
            </Link>
          ) : null}
          {may('resident.write') ? (
            <Link to="/residents/new" search={(s.place ? { place: s.place } : {}) as never}>
              <Button type="primary">{t.register}</Button>
            </Link>
          ) : null}
        </>
      }
      side={
        s.sel ? <ResidentPanel key={s.sel} id={s.sel} onClose={() => patch({ sel: undefined })} /> : undefined
      }
    >
      <div className={css.register}>
        <aside className={css.places} aria-label={t.places}>
          <div className={css.treeBox}>
            <PlaceTree value={s.place} onChange={(place) => patch({ place, sel: undefined })} />
          </div>
          <Ground place={s.place} onPick={(place) => patch({ place, sel: undefined })} />
        </aside>
        <div className={css.people}>
          <FilterBar<Search>
            filters={[
              { kind: 'search', key: 'q', label: t.searchHint, width: 208 },
              {
                kind: 'select',
                key: 'group',
                label: t.groupFilter,
                width: 152,
                options: codes?.groups.map((g) => ({ value: g.code, label: g[lang] })) ?? [],
              },
              {
                kind: 'select',
                key: 'state',
                label: t.stateFilter,
                width: 128,
                options: Object.entries(w.state).map(([value, label]) => ({ value, label })),
              },
            ]}
            value={s}
            onChange={patch}
          >
            <span className={css.placePick}>
              <PlaceSelect label={t.placeFilter} value={s.place} onChange={(place) => patch({ place })} />
            </span>
          </FilterBar>
          {sensitive && !may('resident.reveal') ? (
            <Panel>
              <StatePanel state="forbidden" title={t.group.no} />
            </Panel>
          ) : sensitive && !given ? (
            <Panel>
              <div className={css.ask}>
                <p>{t.group.ask(group[lang])}</p>
                <Reasons
                  go={t.group.go}
                  note={t.group.note}
                  onGive={(words) => s.group && setReason({ group: s.group, words })}
                />
              </div>
            </Panel>
          ) : (
            <People search={s} reason={given} onSelect={(sel) => patch({ sel })} />
          )}
        </div>
      </div>
    </Page>
  );
}

/** The map of the chosen place; a press on a house chooses it. */
function Ground({ place, onPick }: { place: string | undefined; onPick: (place: string) => void }) {
  const t = useText();
  const town = useTown();
  const building = place?.split('/').slice(0, 4).join('/');
  const bounds = useMemo(
    () => boundsOf(town.spots.filter((x) => x.depth === 4 && (!place || x.place.startsWith(place)))),
    [town, place],
  );
  const house = building && town.spot(building)?.depth === 4 ? town.spot(building) : undefined;
  const near = 0.0012;
  return (
    <div className={css.ground}>
      <MapPanel
        key={place ?? ''}
        label={t.map}
        bounds={house ? [house.lng - near, house.lat - near, house.lng + near, house.lat + near] : bounds}
        selected={house?.place}
        onPick={(p) => p.kind === 'building' && onPick(p.id)}
        legend={place ? town.door(place) : t.allPlaces}
      />
    </div>
  );
}

function People({
  search: s,
  reason,
  onSelect,
}: {
  search: Search;
  reason: string | undefined;
  onSelect: (id: string) => void;
}) {
  const t = useText();
  const w = useWords();
  const lang = useLang();
  const may = useMay();
  const navigate = useNavigate();
  const scope = useScope();
  const codes = useCodes().data;
  const q = useResidents(filterOf(s, scope, reason));
  const open = q.items?.some((r) => r.groups !== null) ?? false;
  const columns: (Column<Resident> & { wide?: boolean })[] = [
    {
      key: 'name',
      title: open ? t.col.name : t.col.called,
      width: 'minmax(128px, 0.8fr)',
      render: (r) => (
        <PersonName
          name={nameOf(r)}
          note={r.state === 'living' ? undefined : w.state[r.state]}
          onReveal={
            masked(r) && may('resident.reveal')
              ? async (why) => (await reveal(r.id, why, ['birth'])).name
              : undefined
          }
        />
      ),
    },
    {
      key: 'door',
      title: t.col.door,
      width: 'minmax(140px, 1fr)',
      render: (r) => <DoorPlate label={r.door} place={r.place} />,
    },
    ...(open
      ? [
          {
            key: 'age',
            title: t.col.age,
            width: '56px',
            right: true,
            render: (r: Resident) => (r.age ? r.age : '—'),
          },
          {
            key: 'groups',
            title: t.col.groups,
            width: 'minmax(120px, 1fr)',
            wide: true,
            render: (r: Resident) => groupWords(codes, r.groups, lang),
          },
        ]
      : []),
    { key: 'phone', title: t.col.phone, width: '120px', wide: true, render: (r) => r.phone || '—' },
  ];
  return (
    <Panel flush>
      <Loaded query={{ data: q.items, error: q.error, refetch: q.refetch }} rows={10}>
        {(rows) => (
          <>
            <WorkList
              label={t.title}
              rows={rows}
              id={(r) => r.id}
              columns={s.sel ? columns.filter((c) => !c.wide) : columns}
              selected={s.sel}
              onSelect={(r) => onSelect(r.id)}
              onOpen={(r) => void navigate({ to: `/residents/${r.id}` })}
              empty={
                <StatePanel
                  state="empty"
                  title={s.q ? t.notFound(s.q) : t.empty}
                  act={
                    !s.q && may('resident.import') ? (
                      <Link to="/residents/import">{t.import}</Link>
                    ) : undefined
                  }
                />
              }
              more={q.hasNextPage}
              loadingMore={q.isFetchingNextPage}
              onMore={() => void q.fetchNextPage()}
              maxHeight="100%"
            />
            {rows.length > 0 ? <p className={css.foot}>{t.here(count(rows.length), q.hasNextPage)}</p> : null}
          </>
        )}
      </Loaded>
    </Panel>
  );
}
