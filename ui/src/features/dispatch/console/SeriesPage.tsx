// Visits that come again by themselves: the list, a new one, the end of one. ↑↓ go through the list.
import { App, Button, DatePicker, Form, InputNumber, Modal, Select } from 'antd';
import dayjs, { type Dayjs } from 'dayjs';
import { useEffect, useState } from 'react';
import { wordsOf } from '@/api/client';
import { useMay } from '@/api/me';
import { useCatalogNames } from '@/api/names';
import { useScope } from '@/api/scope';
import { useMinute } from '@/design/clock';
import { type Column, Page, Panel, useActWords, WorkList } from '@/design/console';
import { DoorPlate, Icon, Loaded, PersonName } from '@/design/core';
import { count, dayWord, isoDay } from '@/design/format';
import {
  findPeople,
  type Person,
  type Series,
  useMakeSeries,
  usePerson,
  useSeries,
  useStopSeries,
} from '../series';
import { type Text, useText } from '../text';
import { DeskNav } from './DeskNav';
import css from './dispatch.module.css';

/** 每周 · 每 2 周 */
export const everyWords = (e: Series['every'], t: Text) =>
  e.n === 1 ? (t.series.everyOne[e.unit] ?? '') : t.series.everyN(count(e.n), t.series.unit[e.unit] ?? '');

/** The day as the API writes it: 2026-11-23, from whatever the answer holds. */
const dayOnly = (d: string) => (d.length > 10 ? isoDay(d) : d);

export function SeriesPage() {
  const t = useText();
  const may = useMay()('dispatch.assign');
  const [adding, setAdding] = useState(false);
  const list = useSeries(useScope());
  return (
    <Page
      title={t.series.title}
      act={
        <>
          <DeskNav />
          {may ? (
            <Button type="primary" icon={<Icon name="plus" size={16} />} onClick={() => setAdding(true)}>
              {t.series.add}
            </Button>
          ) : null}
        </>
      }
    >
      <Panel flush>
        <Loaded query={{ ...list, data: list.items }} rows={6} empty={t.series.none}>
          {(rows) => (
            <WorkList
              label={t.series.title}
              rows={rows}
              columns={columns(t, may)}
              id={(s) => s.id}
              more={list.hasNextPage}
              onMore={() => void list.fetchNextPage()}
              loadingMore={list.isFetchingNextPage}
            />
          )}
        </Loaded>
      </Panel>
      {adding ? <NewSeries onClose={() => setAdding(false)} /> : null}
    </Page>
  );
}

const columns = (t: Text, may: boolean): Column<Series>[] => [
  {
    key: 'who',
    title: t.series.who,
    width: 'minmax(220px, 2fr)',
    render: (s) => <Who id={s.resident} />,
  },
  { key: 'what', title: t.series.what, width: 'minmax(96px, 1fr)', render: (s) => <What spec={s.spec} /> },
  { key: 'every', title: t.series.every, width: '96px', render: (s) => everyWords(s.every, t) },
  {
    key: 'slack',
    title: t.series.slack,
    width: '80px',
    render: (s) => (s.within_days > 0 ? t.series.days(count(s.within_days)) : t.series.exact),
  },
  {
    key: 'until',
    title: t.series.until,
    width: '112px',
    render: (s) => (s.until ? dayOnly(s.until) : t.series.untilNone),
  },
  {
    key: 'next',
    title: t.series.next,
    width: 'minmax(200px, 1.4fr)',
    render: (s) =>
      s.next
        .slice(0, 3)
        .map((n) => dayWord(dayOnly(n.date)))
        .join(t.list) || '—',
  },
  ...(may
    ? [
        {
          key: 'stop',
          title: '',
          width: '72px',
          right: true,
          render: (s: Series) => <Stop series={s} />,
        },
      ]
    : []),
];

function Who({ id }: { id: string }) {
  const p = usePerson(id).data;
  if (!p) return <span className={css.quiet}>—</span>;
  return (
    <span className={css.who}>
      {p.door ? <DoorPlate label={p.door} /> : null}
      <PersonName name={p.name} />
    </span>
  );
}

function What({ spec }: { spec: string }) {
  return <>{useCatalogNames().spec(spec)}</>;
}

function Stop({ series: s }: { series: Series }) {
  const t = useText();
  const { modal } = App.useApp();
  const { done, failed } = useActWords();
  const names = useCatalogNames();
  const stop = useStopSeries();
  const who = usePerson(s.resident).data?.name ?? '';
  return (
    <Button
      size="small"
      onClick={() =>
        modal.confirm({
          title: t.series.stopAsk(who, names.spec(s.spec)),
          okText: t.series.stop,
          onOk: () => stop.mutateAsync(s.id).then(() => done(t.series.stopped), failed),
        })
      }
    >
      {t.series.stop}
    </Button>
  );
}

interface Fields {
  resident: string;
  spec: string;
  n: number;
  unit: Series['every']['unit'];
  within: number;
  from: Dayjs;
  until?: Dayjs;
}

function NewSeries({ onClose }: { onClose: () => void }) {
  const t = useText();
  const now = useMinute();
  const catalog = useCatalogNames();
  const { done } = useActWords();
  const make = useMakeSeries();
  const [form] = Form.useForm<Fields>();
  const need = [{ required: true, message: t.series.need }];
  const submit = (f: Fields) => {
    make.mutate(
      {
        resident: f.resident,
        item: catalog.specOf(f.spec)?.item ?? '',
        spec: f.spec,
        every: { n: f.n, unit: f.unit },
        within_days: f.within ?? 0,
        from: f.from.format('YYYY-MM-DD'),
        until: f.until?.format('YYYY-MM-DD'),
      },
      {
        onSuccess: (s) => {
          const first = s.next[0];
          done(first ? t.series.made(dayWord(dayOnly(first.date))) : t.series.madePlain);
          onClose();
        },
      },
    );
  };
  return (
    <Modal
      open
      title={t.series.addTitle}
      okText={t.series.save}
      confirmLoading={make.isPending}
      onOk={() => form.submit()}
      onCancel={onClose}
      width={520}
      destroyOnHidden
    >
      <Form<Fields>
        form={form}
        layout="vertical"
        requiredMark={false}
        initialValues={{ n: 1, unit: 'week', within: 1, from: dayjs(isoDay(now)) }}
        onFinish={submit}
      >
        <Form.Item name="resident" label={t.series.who} rules={need}>
          <PersonSelect />
        </Form.Item>
        <Form.Item name="spec" label={t.series.what} rules={need}>
          <Select
            showSearch={{ optionFilterProp: 'label' }}
            options={catalog.specs
              .filter((s) => s.mode === 'worker' && !s.off)
              .map((s) => ({ value: s.code, label: catalog.spec(s.code) }))}
          />
        </Form.Item>
        <div className={css.formRow}>
          <Form.Item name="n" label={t.series.each}>
            <InputNumber min={1} max={52} precision={0} />
          </Form.Item>
          <Form.Item name="unit" label={t.series.every}>
            <Select
              options={(['day', 'week', 'month'] as const).map((u) => ({
                value: u,
                label: t.series.unit[u],
              }))}
            />
          </Form.Item>
          <Form.Item name="within" label={`${t.series.slack} (${t.series.unit.day})`}>
            <InputNumber min={0} max={14} precision={0} />
          </Form.Item>
        </div>
        <div className={css.formRow}>
          <Form.Item name="from" label={t.series.from} rules={need}>
            <DatePicker allowClear={false} />
          </Form.Item>
          <Form.Item name="until" label={t.series.until}>
            <DatePicker placeholder={t.series.untilNone} />
          </Form.Item>
        </div>
        {make.error ? (
          <p role="alert" className={css.formFault}>
            {wordsOf(make.error)}
          </p>
        ) : null}
      </Form>
    </Modal>
  );
}

/** Finds residents while one types. */
function PersonSelect({
  value,
  onChange,
  id,
}: {
  value?: string;
  onChange?: (id: string) => void;
  id?: string;
}) {
  const t = useText();
  const [typed, setTyped] = useState('');
  const [found, setFound] = useState<Person[]>([]);
  useEffect(() => {
    if (typed.trim() === '') return;
    const stop = new AbortController();
    const timer = setTimeout(() => {
      findPeople(typed.trim(), stop.signal).then(setFound, () => undefined);
    }, 200);
    return () => {
      clearTimeout(timer);
      stop.abort();
    };
  }, [typed]);
  return (
    <Select
      id={id}
      value={value}
      onChange={onChange}
      placeholder={t.series.findWho}
      showSearch={{ filterOption: false, onSearch: setTyped }}
      options={found.map((p) => ({ value: p.id, label: [p.name, p.door].filter(Boolean).join(' · ') }))}
    />
  );
}
