// Registers an organization or edits one. Its building is found by name or pressed on the map.
import { useNavigate, useParams } from '@tanstack/react-router';
import { Button, Form, Input, Radio, Select } from 'antd';
import { Problem } from '@/api/client';
import { MapPanel, Page, Panel, useActWords } from '@/design/console';
import { PlaceSelect } from '@/design/console/PlaceSelect';
import { Loaded } from '@/design/core';
import { useLang } from '@/i18n';
import { useTown } from '@/map/town';
import { type OrgDetail, type OrgDraft, useActors, useOrg, useSaveOrg } from '../api';
import css from './party.module.css';
import { useText } from './text';

export function OrgFormPage() {
  const t = useText().form;
  const { id } = useParams({ strict: false }) as { id?: string };
  const q = useOrg(id);
  if (!id) {
    return (
      <Page title={t.newOrg}>
        <OrgForm />
      </Page>
    );
  }
  return (
    <Loaded query={q} rows={6}>
      {(o) => (
        <Page title={t.editOrg(o.name)}>
          <OrgForm key={o.rev} before={o} />
        </Page>
      )}
    </Loaded>
  );
}

function OrgForm({ before }: { before?: OrgDetail }) {
  const all = useText();
  const t = all.form;
  const lang = useLang();
  const navigate = useNavigate();
  const { done, failed } = useActWords();
  const town = useTown();
  const kinds = useActors().data?.kinds;
  const save = useSaveOrg();
  const [form] = Form.useForm<OrgDraft>();
  const place = Form.useWatch('place', form);
  const submit = (f: OrgDraft) => {
    const spot = town.spot(f.place);
    const text = (v: string | undefined) => v?.trim() || undefined;
    const draft: OrgDraft = {
      ...f,
      name: f.name.trim(),
      uscc: text(f.uscc),
      address: text(f.address),
      phone: text(f.phone),
      leader: text(f.leader),
      at: spot ? { lng: spot.lng, lat: spot.lat } : before?.at,
    };
    save.mutate(
      { id: before?.id, rev: before?.rev, draft },
      {
        onSuccess: (o) => {
          done(t.saved(o.name));
          void navigate({ to: '/parties', search: { sel: o.id } as never });
        },
        onError: (err) => {
          const field = err instanceof Problem ? err.field.replace(/^body\./, '') : '';
          if (err instanceof Problem && ['name', 'kind', 'uscc', 'place', 'phone'].includes(field)) {
            form.setFields([{ name: field as keyof OrgDraft, errors: [err.words] }]);
          } else failed(err);
        },
      },
    );
  };
  return (
    <div className={css.form}>
      <Panel>
        <Form<OrgDraft>
          form={form}
          layout="vertical"
          requiredMark={false}
          initialValues={before ?? { state: 'active' }}
          onFinish={submit}
        >
          <Form.Item
            name="name"
            label={all.col.name}
            rules={[{ required: true, min: 2, message: t.needName }]}
          >
            <Input maxLength={60} autoFocus={!before} />
          </Form.Item>
          <Form.Item name="kind" label={all.col.kind} rules={[{ required: true, message: t.needKind }]}>
            <Select
              showSearch={{ optionFilterProp: 'label' }}
              options={kinds?.map((k) => ({ value: k.code, label: k[lang] }))}
            />
          </Form.Item>
          <Form.Item name="place" label={t.building} rules={[{ required: true, message: t.needPlace }]}>
            <PlaceSelect label={t.building} hint={t.buildingHint} depths={[4, 4]} />
          </Form.Item>
          <div className={css.pair}>
            <Form.Item name="leader" label={all.org.leader}>
              <Input maxLength={40} />
            </Form.Item>
            <Form.Item name="phone" label={all.org.phone}>
              <Input maxLength={20} inputMode="tel" />
            </Form.Item>
          </div>
          <Form.Item name="uscc" label={t.uscc} extra={t.usccHint}>
            <Input maxLength={18} />
          </Form.Item>
          <Form.Item name="address" label={t.address}>
            <Input maxLength={200} />
          </Form.Item>
          <Form.Item name="state" label={t.state}>
            <Radio.Group
              aria-label={t.state}
              options={Object.entries(all.orgState).map(([value, label]) => ({ value, label }))}
            />
          </Form.Item>
          <Button type="primary" htmlType="submit" loading={save.isPending}>
            {t.save}
          </Button>
        </Form>
      </Panel>
      <div className={css.formMap}>
        <MapPanel
          label={t.mapLabel}
          selected={place}
          onPick={(p) => {
            if (p.kind === 'building') form.setFieldsValue({ place: p.id });
          }}
          legend={place ? town.door(place) : t.buildingHint}
        />
      </div>
    </div>
  );
}
