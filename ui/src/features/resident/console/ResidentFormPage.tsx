// Registers a resident or edits one. The address is a building found by name, an entrance and a dwelling; an identity number fills birth date and sex.
import { useNavigate, useParams, useSearch } from '@tanstack/react-router';
import { Button, DatePicker, Form, Input, Radio, Select } from 'antd';
import dayjs from 'dayjs';
import { useRef } from 'react';
import { Problem } from '@/api/client';
import { Page, Panel, useActWords } from '@/design/console';
import { PlaceSelect } from '@/design/console/PlaceSelect';
import { Loaded } from '@/design/core';
import { useLang } from '@/i18n';
import { type Codes, type Detail, useCodes, useResident, useSave } from '../api';
import { useText as useWords } from '../text';
import { fromId, nameOf } from '../words';
import { CareFields } from './CareFields';
import { draftOf, type Fields, fieldsOf } from './draft';
import css from './resident.module.css';
import { useText } from './text';

export function ResidentFormPage() {
  const { id } = useParams({ strict: false }) as { id?: string };
  const codes = useCodes();
  const q = useResident(id);
  return (
    <Loaded query={codes} rows={8}>
      {(c) =>
        id ? (
          <Loaded query={q} rows={8}>
            {(r) => <ResidentForm key={r.rev} before={r} codes={c} />}
          </Loaded>
        ) : (
          <ResidentForm codes={c} />
        )
      }
    </Loaded>
  );
}

/** Where the server's name of a field stands in the form. */
const fieldOf: Record<string, keyof Fields> = {
  place: 'building',
  'disability.kinds': 'kinds',
  'disability.grade': 'grade',
  'ability.scale': 'scale',
  'ability.score': 'score',
  'ability.grade': 'abilityGrade',
  'ability.on': 'on',
  care_groups: 'careGroups',
};

function ResidentForm({ before, codes }: { before?: Detail; codes: Codes }) {
  const all = useText();
  const t = all.form;
  const w = useWords();
  const lang = useLang();
  const navigate = useNavigate();
  const { place } = useSearch({ strict: false }) as { place?: string };
  const { done, failed } = useActWords();
  const save = useSave();
  const [form] = Form.useForm<Fields>();
  const first = useRef(fieldsOf(before, place));
  const derived = codes.groups.filter((g) => g.derived).map((g) => g.code);
  const submit = () => {
    const f: Fields = { ...first.current, ...form.getFieldsValue(true) };
    save.mutate(
      { id: before?.id, rev: before?.rev, draft: draftOf(f, before && first.current, derived) },
      {
        onSuccess: (r) => {
          done(t.saved(nameOf(r)));
          void navigate({ to: `/residents/${r.id}` });
        },
        onError: (err) => {
          const field = err instanceof Problem && err.field.replace(/^body\./, '');
          const name = field ? (fieldOf[field] ?? (field as keyof Fields)) : undefined;
          if (name && name in first.current && err instanceof Problem) {
            form.setFields([{ name, errors: [err.words] }]);
            form.scrollToField(name);
          } else failed(err);
        },
      },
    );
  };
  return (
    <Page
      title={before ? t.editTitle(nameOf(before)) : t.newTitle}
      act={
        <Button type="primary" loading={save.isPending} onClick={() => form.submit()}>
          {t.save}
        </Button>
      }
    >
      <Form<Fields>
        form={form}
        layout="vertical"
        requiredMark={false}
        className={css.form}
        initialValues={first.current}
        onFinish={submit}
        onValuesChange={(v: Partial<Fields>) => {
          const known = v.id_no === undefined ? undefined : fromId(v.id_no);
          if (known) form.setFieldsValue(known);
        }}
      >
        <Panel title={t.basic}>
          <div className={css.fields}>
            <Form.Item name="name" label={all.col.name} rules={[{ required: true, message: t.needName }]}>
              <Input maxLength={80} autoFocus={!before} autoComplete="off" />
            </Form.Item>
            <Form.Item name="phone" label={all.phone}>
              <Input maxLength={40} inputMode="tel" autoComplete="off" />
            </Form.Item>
            <Form.Item name="id_no" label={t.id} extra={t.idHint}>
              <Input maxLength={18} autoComplete="off" />
            </Form.Item>
            <Form.Item
              name="birth"
              label={all.birth}
              getValueProps={(v: string) => ({ value: v ? dayjs(v) : undefined })}
              normalize={(v: dayjs.Dayjs | null) => v?.format('YYYY-MM-DD') ?? ''}
            >
              <DatePicker className={css.full} />
            </Form.Item>
            <Form.Item name="sex" label={all.sex}>
              <Radio.Group
                aria-label={all.sex}
                options={codes.sexes
                  .filter((s) => s.code !== 9)
                  .map((s) => ({ value: s.code, label: s[lang] }))}
              />
            </Form.Item>
            <Form.Item name="state" label={all.stateName}>
              <Radio.Group
                aria-label={all.stateName}
                options={Object.entries(w.state).map(([value, label]) => ({ value, label }))}
              />
            </Form.Item>
            <div className={`${css.doors} ${css.wide}`}>
              <Form.Item
                name="building"
                label={t.building}
                rules={[{ required: true, message: t.needPlace }]}
              >
                <PlaceSelect label={t.building} hint={t.buildingHint} depths={[4, 4]} />
              </Form.Item>
              <Form.Item name="entrance" label={t.entrance}>
                <Input maxLength={20} />
              </Form.Item>
              <Form.Item name="room" label={t.room}>
                <Input maxLength={20} />
              </Form.Item>
            </div>
            <Form.Item name="address" label={t.address} extra={t.addressHint} className={css.wide}>
              <Input maxLength={200} />
            </Form.Item>
            <Form.Item name="groups" label={t.groups} extra={t.groupsHint}>
              <Select
                mode="multiple"
                aria-label={t.groups}
                options={codes.groups
                  .filter((g) => g.class !== 'D3')
                  .map((g) => ({ value: g.code, label: g[lang], disabled: g.derived }))}
              />
            </Form.Item>
            {before?.household ? (
              <Form.Item name="relation" label={t.relation}>
                <Select
                  allowClear
                  aria-label={t.relation}
                  options={codes.relations.map((c) => ({ value: c.code, label: c[lang] }))}
                />
              </Form.Item>
            ) : null}
          </div>
        </Panel>
        <CareFields form={form} codes={codes} />
      </Form>
    </Page>
  );
}
