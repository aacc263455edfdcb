// Visits that come again by themselves: the list, a new one, the end of one. ↑↓ go through the list.
import { useSearch } from '@tanstack/react-router';
import { Button, Modal } from 'antd';
import { useState } from 'react';
import { useMay } from '@/api/me';
import { useCatalogNames } from '@/api/names';
import { type Column, FilterBar, Page, Panel, useActWords, useSearchPatch, WorkList } from '@/design/console';
import { DoorPlate, Icon, Loaded, PersonName } from '@/design/core';
import { count, dayWord } from '@/design/format';
import { type Series, useSeries, useStopSeries } from '../series';
import { type Text, useText } from '../text';
import { DeskNav } from './DeskNav';
import css from './dispatch.module.css';
import { NewSeriesDialog } from './NewSeriesDialog';
import { ReasonInput } from './ReasonInput';
import type { SeriesSearch } from './search';
import { useBoardNames } from './useBoardNames';

/** 每周 · 每 2 周 */
const everyWords = (e: Series['every'], t: Text) =>
  e.n === 1 ? (t.series.everyOne[e.unit] ?? '') : t.series.everyN(count(e.n), t.series.unit[e.unit] ?? '');

const hoursWords = (h: Series['hours'], t: Text) =>
  h.from === '00:00' && h.to === '24:00' ? t.series.anyHour : t.series.hoursOf(h.from, h.to);

export function SeriesPage() {
  const t = useText();
  const search = useSearch({ strict: false }) as SeriesSearch;
  const patch = useSearchPatch<SeriesSearch>();
  const may = useMay()('dispatch.assign');
  const words = useBoardNames();
  const [adding, setAdding] = useState(false);
  const [stopping, setStopping] = useState<Series>();
  const list = useSeries(search.state ?? 'running');
  const columns: Column<Series>[] = [
    {
      key: 'who',
      title: t.series.who,
      width: 'minmax(232px, 2fr)',
      render: (s) => (
        <span className={css.who}>
          <DoorPlate label={words.plate(s.place)} />
          <PersonName name={s.name ?? ''} />
        </span>
      ),
    },
    {
      key: 'what',
      title: t.series.what,
      width: 'minmax(96px, 1fr)',
      render: (s) => words.spec(s.spec),
    },
    { key: 'every', title: t.series.every, width: '88px', render: (s) => everyWords(s.every, t) },
    {
      key: 'slack',
      title: t.series.slack,
      width: '72px',
      render: (s) => (s.within_days > 0 ? t.series.days(count(s.within_days)) : t.series.exact),
    },
    { key: 'hours', title: t.series.hours, width: '112px', render: (s) => hoursWords(s.hours, t) },
    {
      key: 'until',
      title: t.series.until,
      width: '104px',
      render: (s) => s.until || t.series.untilNone,
    },
    {
      key: 'next',
      title: search.state === 'stopped' ? t.act.reason : t.series.next,
      width: 'minmax(208px, 1.4fr)',
      render: (s) =>
        s.state === 'stopped'
          ? s.reason
          : s.next
              .slice(0, 3)
              .map((n) => dayWord(n.date))
              .join(t.list) || '—',
    },
    ...(may && search.state !== 'stopped'
      ? [
          {
            key: 'stop',
            title: '',
            width: '64px',
            right: true,
            render: (s: Series) => (
              <Button size="small" onClick={() => setStopping(s)}>
                {t.series.stop}
              </Button>
            ),
          },
        ]
      : []),
  ];
  return (
    <Page title={t.series.title} act={<DeskNav />}>
      <FilterBar<SeriesSearch>
        filters={[
          {
            kind: 'tabs',
            key: 'state',
            label: t.series.title,
            options: [
              { value: '', label: t.series.tabs.running },
              { value: 'stopped', label: t.series.tabs.stopped },
            ],
          },
        ]}
        value={search}
        onChange={patch}
      >
        {may ? (
          <Button type="primary" icon={<Icon name="plus" size={16} />} onClick={() => setAdding(true)}>
            {t.series.add}
          </Button>
        ) : null}
      </FilterBar>
      <Panel flush>
        <Loaded query={{ ...list, data: list.items }} rows={6} empty={t.series.none}>
          {(rows) => (
            <WorkList
              label={t.series.title}
              rows={rows}
              columns={columns}
              id={(s) => s.id}
              more={list.hasNextPage}
              onMore={() => void list.fetchNextPage()}
              loadingMore={list.isFetchingNextPage}
            />
          )}
        </Loaded>
      </Panel>
      {adding ? <NewSeriesDialog onClose={() => setAdding(false)} /> : null}
      {stopping ? <StopDialog series={stopping} onClose={() => setStopping(undefined)} /> : null}
    </Page>
  );
}

/** The end of a series costs a reason. Enter confirms, Escape leaves. */
function StopDialog({ series: s, onClose }: { series: Series; onClose: () => void }) {
  const t = useText();
  const names = useCatalogNames();
  const { done, failed } = useActWords();
  const stop = useStopSeries();
  const [reason, setReason] = useState('');
  const given = reason.trim();
  const go = () => {
    if (!given) return;
    stop.mutate(
      { id: s.id, reason: given },
      {
        onSuccess: () => {
          done(t.series.stopped);
          onClose();
        },
        onError: failed,
      },
    );
  };
  return (
    <Modal
      open
      title={t.series.stopTitle(s.name ?? '', names.spec(s.spec))}
      okText={t.series.stop}
      okButtonProps={{ disabled: !given }}
      confirmLoading={stop.isPending}
      onOk={go}
      onCancel={onClose}
      width={440}
      destroyOnHidden
    >
      <p className={css.quiet}>{t.series.stopNote}</p>
      <div className={css.fields}>
        <ReasonInput value={reason} onChange={setReason} onEnter={go} />
      </div>
    </Modal>
  );
}
