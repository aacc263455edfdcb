// One month of costs: six amounts, the residents, the price index. What last month knew is filled in already.
import { Button, DatePicker, Form, InputNumber } from 'antd';
import dayjs, { type Dayjs } from 'dayjs';
import { serverNow } from '@/design/clock';
import { useActWords } from '@/design/console';
import { useSaveCosts } from '../api';
import { costKinds, fenOf, type Month } from '../figures';
import { useText } from '../text';
import css from './insight.module.css';

interface Fields {
  month: Dayjs;
  residents: number;
  cpi: number;
  yuan: Record<string, number | null>;
}

export function CostForm({ before, last, onSaved }: { before?: Month; last?: Month; onSaved: () => void }) {
  const t = useText();
  const { done, failed } = useActWords();
  const [form] = Form.useForm<Fields>();
  const save = useSaveCosts();
  const basis = before ?? last;
  const submit = (f: Fields) => {
    const month = f.month.format('YYYY-MM');
    const rows = costKinds.flatMap((kind) => {
      const fen = fenOf(f.yuan?.[kind]);
      return fen === undefined
        ? []
        : [{ month, kind, fen, residents: f.residents, cpi: Math.round(f.cpi * 100) }];
    });
    if (rows.length === 0) {
      form.setFields([{ name: ['yuan', costKinds[0]], errors: [t.need.amount] }]);
      return;
    }
    save.mutate(rows, {
      onSuccess: () => {
        done(t.saved(month));
        onSaved();
      },
      onError: failed,
    });
  };
  return (
    <Form<Fields>
      form={form}
      layout="vertical"
      requiredMark={false}
      onFinish={submit}
      className={css.form}
      initialValues={{
        month: before ? dayjs(`${before.month}-01`) : undefined,
        residents: basis?.residents,
        cpi: basis ? basis.cpi / 100 : 100,
        yuan: Object.fromEntries(
          costKinds.map((k) => [k, before?.fen[k] === undefined ? null : before.fen[k] / 100]),
        ),
      }}
    >
      <Form.Item name="month" label={t.month} rules={[{ required: true, message: t.pickMonth }]}>
        <DatePicker
          picker="month"
          disabled={Boolean(before)}
          disabledDate={(d) => d.isAfter(dayjs(serverNow()), 'month')}
          className={css.wide}
        />
      </Form.Item>
      <Form.Item name="residents" label={t.residents} rules={[{ required: true, message: t.need.residents }]}>
        <InputNumber min={1} precision={0} suffix={t.people} className={css.wide} />
      </Form.Item>
      <Form.Item name="cpi" label={t.cpiLong} rules={[{ required: true, message: t.cpi }]}>
        <InputNumber min={50} max={500} step={0.1} precision={2} className={css.wide} />
      </Form.Item>
      {costKinds.map((k) => (
        <Form.Item key={k} name={['yuan', k]} label={t.costKind[k]}>
          <InputNumber min={0} precision={2} suffix={t.yuan} className={css.wide} />
        </Form.Item>
      ))}
      <Button type="primary" htmlType="submit" loading={save.isPending} className={css.save}>
        {t.saveMonth}
      </Button>
    </Form>
  );
}
