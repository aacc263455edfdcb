// Agreeing on a visit that comes again: for whom, what, how often, from when. Enter in a field sends it, Escape leaves.
import { DatePicker, Form, Input, InputNumber, Modal, Select } from 'antd';
import dayjs, { type Dayjs } from 'dayjs';
import { useEffect, useState } from 'react';
import { wordsOf } from '@/api/client';
import { useCatalogNames } from '@/api/names';
import { serverNow } from '@/design/clock';
import { useActWords } from '@/design/console';
import { dayWord, isoDay } from '@/design/format';
import { findPeople, type Person, type Series, useMakeSeries } from '../series';
import { useText } from '../text';
import css from './dispatch.module.css';

interface Fields {
  resident: string;
  spec: string;
  n: number;
  unit: Series['every']['unit'];
  within: number;
  from: Dayjs;
  until?: Dayjs;
  words?: string;
}

const date = (d: Dayjs) => d.format('YYYY-MM-DD');

export function NewSeriesDialog({ onClose }: { onClose: () => void }) {
  const t = useText();
  const catalog = useCatalogNames();
  const { done } = useActWords();
  const make = useMakeSeries();
  const [form] = Form.useForm<Fields>();
  const need = [{ required: true, message: t.series.need }];
  const submit = (f: Fields) =>
    make.mutate(
      {
        resident: f.resident,
        spec: f.spec,
        every: { n: f.n, unit: f.unit },
        within_days: f.within,
        from: date(f.from),
        until: f.until && date(f.until),
        words: f.words?.trim() || undefined,
      },
      {
        onSuccess: (s) => {
          const first = s.next[0];
          done(first ? t.series.made(dayWord(first.date)) : t.series.madePlain);
          onClose();
        },
      },
    );
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
        initialValues={{
          n: 1,
          unit: 'week',
          within: 2,
          from: dayjs(isoDay(serverNow())).add(1, 'day'),
        }}
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
            <InputNumber min={1} max={60} precision={0} />
          </Form.Item>
          <Form.Item name="unit" label={t.series.every}>
            <Select
              options={(['day', 'week', 'month'] as const).map((u) => ({
                value: u,
                label: t.series.unit[u],
              }))}
            />
          </Form.Item>
          <Form.Item name="within" label={t.series.slackLong}>
            <InputNumber min={0} max={60} precision={0} />
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
        <Form.Item name="words" label={t.series.words}>
          <Input maxLength={500} placeholder={t.series.wordsHint} />
        </Form.Item>
        {make.error ? (
          <p role="alert" className={css.formFault}>
            {wordsOf(make.error)}
          </p>
        ) : null}
      </Form>
    </Modal>
  );
}

/** A pause in typing after which the register is asked. */
const settle = 250;

/** Finds residents while one types. */
function PersonSelect({
  id,
  value,
  onChange,
}: {
  id?: string;
  value?: string;
  onChange?: (id: string) => void;
}) {
  const t = useText();
  const [typed, setTyped] = useState('');
  const [found, setFound] = useState<Person[]>([]);
  useEffect(() => {
    const words = typed.trim();
    if (words === '') return;
    const stop = new AbortController();
    const timer = setTimeout(() => {
      findPeople(words, stop.signal).then(setFound, () => stop.signal.aborted || setFound([]));
    }, settle);
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
      notFoundContent={null}
      showSearch={{ filterOption: false, onSearch: setTyped }}
      options={found.map((p) => ({ value: p.id, label: [p.name, p.door].filter(Boolean).join(' · ') }))}
    />
  );
}
