// Edits a specification. The facility appears only on site, skills only at home; the server checks the rest and names the field.
import { Button, Form, Input, InputNumber, Segmented, Select, Switch } from 'antd';
import { Problem } from '@/api/client';
import { useActWords } from '@/design/console';
import { Icon } from '@/design/core';
import { useLang } from '@/i18n';
import { type Catalog, type Spec, usePurposes, useSaveRow, useSops } from '../api';
import { useText } from '../text';
import css from './catalog.module.css';
import { useNames } from './marks';
import { SourceFields } from './SourceFields';

export function SpecForm({ catalog: c, spec, onDone }: { catalog: Catalog; spec: Spec; onDone: () => void }) {
  const t = useText();
  const lang = useLang();
  const names = useNames();
  const purposes = usePurposes().data;
  const sops = useSops().data?.filter((s) => s.state === 'published');
  const save = useSaveRow<Spec>('spec');
  const { done, failed } = useActWords();
  const [form] = Form.useForm<Spec>();
  const mode = Form.useWatch('mode', form) ?? spec.mode;
  const need = [{ required: true, message: t.spec.need }];
  const submit = (v: Spec) =>
    save.mutate(
      {
        ...spec,
        ...v,
        facility: v.mode === 'facility' ? v.facility : undefined,
        skills: v.mode === 'worker' ? v.skills?.filter((k) => k?.code) : undefined,
        consent: v.consent ?? '',
      },
      {
        onSuccess: () => {
          done(t.spec.saved(v[lang]));
          onDone();
        },
        onError: (err) => {
          const field = err instanceof Problem ? err.field.replace(/^body\./, '') : '';
          if (err instanceof Problem && field in spec && field !== 'skills') {
            form.setFields([{ name: field as keyof Spec, errors: [err.words] }]);
          } else failed(err);
        },
      },
    );
  return (
    <Form<Spec>
      form={form}
      layout="vertical"
      requiredMark={false}
      initialValues={{ ...spec, consent: spec.consent || undefined, skills: spec.skills ?? [] }}
      className={css.form}
      onFinish={submit}
    >
      <div className={css.two}>
        <Form.Item name="zh" label={t.spec.zh} rules={need}>
          <Input maxLength={60} />
        </Form.Item>
        <Form.Item name="en" label={t.spec.en} rules={need}>
          <Input maxLength={120} />
        </Form.Item>
        <Form.Item name="about_zh" label={t.spec.aboutZh}>
          <Input.TextArea rows={2} maxLength={600} />
        </Form.Item>
        <Form.Item name="about_en" label={t.spec.aboutEn}>
          <Input.TextArea rows={2} maxLength={1200} />
        </Form.Item>
      </div>
      <Form.Item name="mode" label={t.spec.mode}>
        <Segmented
          block
          aria-label={t.spec.mode}
          options={Object.entries(t.mode).map(([value, label]) => ({ value, label }))}
        />
      </Form.Item>
      {mode === 'facility' ? (
        <Form.Item name="facility" label={t.spec.facility} rules={need}>
          <Select
            showSearch={{ optionFilterProp: 'label' }}
            options={names.facilities.map((k) => ({ value: k, label: names.facility(k) }))}
          />
        </Form.Item>
      ) : null}
      {mode === 'worker' ? (
        <Form.Item label={t.spec.skills}>
          <SkillRows />
        </Form.Item>
      ) : null}
      <div className={css.three}>
        <Form.Item name="sla" label={t.spec.sla}>
          <Select options={c.slas.map((s) => ({ value: s.code, label: `${s.code} ${s[lang]}` }))} />
        </Form.Item>
        <Form.Item name="minutes" label={t.spec.minutes} rules={need}>
          <InputNumber
            min={5}
            max={1440}
            step={5}
            precision={0}
            suffix={t.sla.minutes}
            className={css.full}
          />
        </Form.Item>
        <Form.Item name="persons" label={t.spec.persons}>
          <Select options={[1, 2].map((n) => ({ value: n, label: t.persons(String(n)) }))} />
        </Form.Item>
        <Form.Item name="price" label={t.spec.price}>
          <Select options={c.prices.map((p) => ({ value: p.code, label: p[lang] }))} />
        </Form.Item>
        <Form.Item name="nature" label={t.spec.nature}>
          <Select options={Object.entries(t.nature).map(([value, label]) => ({ value, label }))} />
        </Form.Item>
        <Form.Item name="consent" label={t.spec.consent}>
          <Select
            allowClear
            placeholder={t.spec.noConsent}
            options={purposes?.map((p) => ({ value: p, label: names.purpose(p) }))}
          />
        </Form.Item>
      </div>
      <Form.Item name="sop" label={t.spec.sop}>
        <Select
          showSearch={{ optionFilterProp: 'label' }}
          options={sops?.map((s) => ({ value: s.sop, label: s[lang] }))}
        />
      </Form.Item>
      <SourceFields />
      <Form.Item name="off" label={t.off} valuePropName="checked" layout="horizontal" colon={false}>
        <Switch aria-label={t.off} />
      </Form.Item>
      <div className={css.acts}>
        <Button type="primary" htmlType="submit" loading={save.isPending}>
          {t.spec.save}
        </Button>
        <Button onClick={onDone}>{t.spec.cancel}</Button>
      </div>
    </Form>
  );
}

function SkillRows() {
  const t = useText();
  const lang = useLang();
  const names = useNames();
  return (
    <Form.List name="skills">
      {(rows, { add, remove }) => (
        <div className={css.skillRows}>
          {rows.map((r) => (
            <div key={r.key}>
              <Form.Item name={[r.name, 'code']} noStyle>
                <Select
                  aria-label={t.spec.skills}
                  showSearch={{ optionFilterProp: 'label' }}
                  options={names.skills.map((k) => ({ value: k.code, label: k[lang] }))}
                />
              </Form.Item>
              <Form.Item name={[r.name, 'level']} noStyle>
                <Select
                  aria-label={t.spec.skills}
                  options={[1, 2, 3, 4, 5].map((n) => ({ value: n, label: t.spec.level(n) }))}
                />
              </Form.Item>
              <Button
                type="text"
                aria-label={t.words.drop}
                icon={<Icon name="close" size={16} />}
                onClick={() => remove(r.name)}
              />
            </div>
          ))}
          <Button size="small" onClick={() => add({ level: 1 })}>
            {t.spec.addSkill}
          </Button>
        </div>
      )}
    </Form.List>
  );
}
