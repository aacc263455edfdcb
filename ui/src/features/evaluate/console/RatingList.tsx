// What residents said, the newest first; beside it the service groups with their figures. A group's row filters the list.
import { useNavigate } from '@tanstack/react-router';
import { useCatalogNames } from '@/api/names';
import { useNow } from '@/design/clock';
import { Panel, WorkList } from '@/design/console';
import { DoorPlate, Icon, Loaded } from '@/design/core';
import { count, figure, moment, percent } from '@/design/format';
import { pick, useLang } from '@/i18n';
import { useBase } from '@/i18n/base';
import { useTown } from '@/map/town';
import { type Rating, useRatings, useSummary, useTags } from '../api';
import css from './evaluate.module.css';
import { useText } from './text';

export function RatingList({
  item,
  low,
  place,
  onItem,
}: {
  item?: string;
  low: boolean;
  place: string;
  onItem: (item: string) => void;
}) {
  const t = useText();
  const lang = useLang();
  const base = useBase();
  const names = useCatalogNames();
  const town = useTown();
  useNow(); // words such as 今天 follow the server's clock
  const navigate = useNavigate();
  const tags = useTags().data?.items ?? [];
  const q = useRatings({ item, place, max_stars: low ? 2 : undefined });
  const groups = useSummary('item', { place }).data?.items ?? [];
  const said = (r: Rating) =>
    [
      ...r.tags.map(
        (c) =>
          pick(
            tags.find((x) => x.code === c),
            lang,
          ) || c,
      ),
      r.words ?? '',
    ]
      .filter(Boolean)
      .join('，');
  return (
    <div className={css.ratings}>
      <Panel flush>
        <Loaded query={{ data: q.items, error: q.error, refetch: q.refetch }} rows={8}>
          {(rows) => (
            <WorkList
              label={t.tabs.ratings}
              rows={rows}
              id={(r) => r.id}
              onOpen={(r) => void navigate({ to: `/orders/${r.order_id}` })}
              empty={t.empty.ratings}
              more={q.hasNextPage}
              loadingMore={q.isFetchingNextPage}
              onMore={() => void q.fetchNextPage()}
              columns={[
                { key: 'at', title: t.col.at, width: '96px', render: (r) => moment(r.at) },
                { key: 'stars', title: t.col.stars, width: '84px', render: (r) => <Stars n={r.stars} /> },
                { key: 'nps', title: t.col.nps, width: '48px', right: true, render: (r) => r.nps ?? '—' },
                { key: 'what', title: t.col.what, width: '120px', render: (r) => names.spec(r.spec) },
                {
                  key: 'door',
                  title: t.col.door,
                  width: '136px',
                  render: (r) => <DoorPlate label={town.door(r.place)} />,
                },
                {
                  key: 'words',
                  title: t.col.words,
                  width: 'minmax(120px, 1fr)',
                  render: (r) => said(r) || '—',
                },
              ]}
            />
          )}
        </Loaded>
      </Panel>
      <Panel flush title={t.byItem} note={t.byItemNote}>
        <WorkList
          label={t.byItem}
          rows={groups}
          id={(g) => g.key}
          selected={item}
          onSelect={(g) => onItem(g.key)}
          empty={t.empty.ratings}
          columns={[
            { key: 'what', title: t.col.what, width: 'minmax(96px, 1fr)', render: (g) => names.item(g.key) },
            { key: 'n', title: t.col.n, width: '48px', right: true, render: (g) => count(g.n) },
            {
              key: 'share',
              title: t.col.share,
              width: '64px',
              right: true,
              render: (g) => (
                <span data-weak={!g.judged} className={css.share}>
                  {percent(g.satisfied.value)}
                </span>
              ),
            },
            {
              key: 'nps',
              title: t.col.interval,
              width: '144px',
              right: true,
              render: (g) =>
                g.nps?.judgeable ? (
                  t.points(figure(g.nps.value, 0), figure(g.nps.low, 0), figure(g.nps.high, 0))
                ) : (
                  <small className={css.soft}>{base.small(g.nps?.n ?? 0, 30)}</small>
                ),
            },
          ]}
        />
      </Panel>
    </div>
  );
}

function Stars({ n }: { n: number }) {
  return (
    <span className={css.stars} role="img" aria-label={`${n}/5`}>
      {[1, 2, 3, 4, 5].map((i) => (
        <span key={i} data-on={i <= n}>
          <Icon name="star" size={14} />
        </span>
      ))}
    </span>
  );
}
