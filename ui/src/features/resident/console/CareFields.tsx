// The sensitive part of a resident's form. What stands in the register is not shown here: empty means unchanged.
import { DatePicker, Form, type FormInstance, Input, InputNumber, Select } from 'antd';
import dayjs from 'dayjs';
import { Panel } from '@/design/console';
import { useLang } from '@/i18n';
import type { Codes } from '../api';
import { useText as useWords } from '../text';
import type { Fields } from './draft';
import css from './resident.module.css';
import { useText } from './text';

export function CareFields({ form, codes }: { form: FormInstance<Fields>; codes: Codes }) {
  const t = useText().form;
  const w = useWords();
  const lang = useLang();
  const chosen = Form.useWatch('scale', form);
  const scale = codes.scales.find((s) => s.code === chosen);
  const scored = typeof Form.useWatch('score', form) === 'number';
  return (
    <div style={{ marginTop: 16 }}>
      <Panel title={t.care} note={t.careNote}>
        <div className={css.fields}>
          <Form.Item name="health" label={t.health} className={css.wide}>
            <Input.TextArea rows={2} maxLength={2000} />
          </Form.Item>
          <Form.Item name="kinds" label={t.disability}>
            <Select
              mode="multiple"
              aria-label={t.disability}
              options={codes.disabilities.map((d) => ({ value: d.code, label: d[lang] }))}
            />
          </Form.Item>
          <Form.Item name="grade" label={t.grade}>
            <Select
              allowClear
              aria-label={t.grade}
              options={[1, 2, 3, 4].map((n) => ({ value: n, label: w.grade(n) }))}
            />
          </Form.Item>
          <Form.Item name="scale" label={t.ability}>
            <Select
              allowClear
              aria-label={t.ability}
              options={codes.scales.map((s) => ({ value: s.code, label: s[lang] }))}
            />
          </Form.Item>
          <Form.Item name="score" label={t.score}>
            <InputNumber min={0} max={scale?.max} precision={0} disabled={!scale} className={css.full} />
          </Form.Item>
          <Form.Item name="abilityGrade" label={t.abilityGrade}>
            <Select
              allowClear
              aria-label={t.abilityGrade}
              disabled={!scale || scored}
              options={scale?.grades.map((g) => ({ value: g.code, label: g[lang] }))}
            />
          </Form.Item>
          <Form.Item
            name="on"
            label={t.on}
            getValueProps={(v: string) => ({ value: v ? dayjs(v) : undefined })}
            normalize={(v: dayjs.Dayjs | null) => v?.format('YYYY-MM-DD') ?? ''}
          >
            <DatePicker disabled={!scale} className={css.full} />
          </Form.Item>
          <Form.Item name="aid" label={t.aid}>
            <Input maxLength={400} />
          </Form.Item>
          <Form.Item name="careGroups" label={t.careGroups}>
            <Select
              mode="multiple"
              aria-label={t.careGroups}
              options={codes.groups
                .filter((g) => g.class === 'D3')
                .map((g) => ({ value: g.code, label: g[lang] }))}
            />
          </Form.Item>
        </div>
      </Panel>
    </div>
  );
}
