// Registers a worker or edits one: organization, where shifts start, skills with their grade. Shifts and certificates have their own places.
import { useNavigate, useParams, useSearch } from '@tanstack/react-router';
import { Button, Form, Input, InputNumber, Radio, Select } from 'antd';
import { Problem } from '@/api/client';
import { useMe } from '@/api/me';
import { MapPanel, Page, Panel, useActWords } from '@/design/console';
import { PlaceSelect } from '@/design/console/PlaceSelect';
import { Icon, Loaded } from '@/design/core';
import { useLang } from '@/i18n';
import { useTown } from '@/map/town';
import { useKinds, useOrgs, useSaveWorker, useWorker, type Worker, type WorkerDraft } from '../api';
import { useText as useWords } from '../text';
import css from './party.module.css';
import { useText } from './text';

export function WorkerFormPage() {
  const t = useText().form;
  const { id } = useParams({ strict: false }) as { id?: string };
  const q = useWorker(id);
  if (!id) {
    return (
      <Page title={t.newWorker}>
        <WorkerForm />
      </Page>
    );
  }
  return (
    <Loaded query={q} rows={6}>
      {(w) => (
        <Page title={t.editWorker(w.name)}>
          <WorkerForm key={w.rev} before={w} />
        </Page>
      )}
    </Loaded>
  );
}

type Fields = Omit<WorkerDraft, 'at' | 'week'>;

function WorkerForm({ before }: { before?: Worker }) {
  const all = useText();
  const t = all.form;
  const lang = useLang();
  const words = useWords();
  const me = useMe().data;
  const navigate = useNavigate();
  const { org } = useSearch({ strict: false }) as { org?: string };
  const { done, failed } = useActWords();
  const town = useTown();
  const orgs = useOrgs().items;
  const kinds = useKinds().data;
  const save = useSaveWorker();
  const [form] = Form.useForm<Fields>();
  const place = Form.useWatch('place', form);
  const submit = (f: Fields) => {
    const spot = town.spot(f.place);
    const moved = f.place !== before?.place;
    const at = moved && spot ? { lng: spot.lng, lat: spot.lat } : (before?.at ?? { lng: 0, lat: 0 });
    const draft: WorkerDraft = {
      ...f,
      name: f.name.trim(),
      phone: f.phone?.trim() || undefined,
      skills: f.skills?.filter((s) => s?.code).map((s) => ({ code: s.code, level: s.level ?? 1 })),
      at,
    };
    save.mutate(
      { id: before?.id, rev: before?.rev, draft },
      {
        onSuccess: (w) => {
          done(t.saved(w.name));
          void navigate({ to: `/parties/workers/${w.id}` });
        },
        onError: (err) => {
          const field = err instanceof Problem ? err.field.replace(/^body\./, '').split('.')[0] : '';
          const name = field === 'at' ? 'place' : field;
          if (err instanceof Problem && ['name', 'org', 'place', 'phone', 'areas'].includes(name ?? '')) {
            form.setFields([{ name: name as keyof Fields, errors: [err.words] }]);
          } else failed(err);
        },
      },
    );
  };
  return (
    <div className={css.form}>
      <Panel>
        <Form<Fields>
          form={form}
          layout="vertical"
          requiredMark={false}
          onFinish={submit}
          initialValues={
            before ?? {
              org: org ?? me?.org,
              profile: 'adult',
              state: 'active',
              max_load_min: 480,
              skills: [],
              areas: [],
            }
          }
        >
          <div className={css.pair}>
            <Form.Item
              name="name"
              label={all.col.person}
              rules={[{ required: true, whitespace: true, message: t.needPerson }]}
            >
              <Input maxLength={40} autoFocus={!before} />
            </Form.Item>
            <Form.Item name="phone" label={all.worker.phone}>
              <Input maxLength={20} inputMode="tel" />
            </Form.Item>
          </div>
          <Form.Item name="org" label={all.col.org} rules={[{ required: true, message: t.needOrg }]}>
            <Select
              showSearch={{ optionFilterProp: 'label' }}
              options={orgs?.map((o) => ({ value: o.id, label: o.name }))}
            />
          </Form.Item>
          <Form.Item name="place" label={all.worker.start} rules={[{ required: true, message: t.needPlace }]}>
            <PlaceSelect label={all.worker.start} hint={t.buildingHint} depths={[4, 4]} />
          </Form.Item>
          <Form.Item label={t.skill} extra={t.certNote}>
            <Form.List name="skills">
              {(rows, { add, remove }) => (
                <div className={css.skillRows}>
                  {rows.map((r) => (
                    <div key={r.key}>
                      <Form.Item name={[r.name, 'code']} noStyle>
                        <Select
                          showSearch={{ optionFilterProp: 'label' }}
                          aria-label={t.skill}
                          options={kinds?.skills.map((k) => ({ value: k.code, label: k[lang] }))}
                        />
                      </Form.Item>
                      <Form.Item name={[r.name, 'level']} noStyle initialValue={1}>
                        <Select
                          aria-label={all.col.level}
                          options={[1, 2, 3, 4, 5].map((n) => ({ value: n, label: words.level(n) }))}
                        />
                      </Form.Item>
                      <Button
                        type="text"
                        aria-label={all.org.remove}
                        icon={<Icon name="close" size={16} />}
                        onClick={() => remove(r.name)}
                      />
                    </div>
                  ))}
                  <Button size="small" onClick={() => add({ level: 1 })}>
                    {t.addSkill}
                  </Button>
                </div>
              )}
            </Form.List>
          </Form.Item>
          <Form.Item name="areas" label={t.areas} extra={t.areasHint}>
            <Select
              mode="multiple"
              aria-label={t.areas}
              options={town.spots
                .filter((s) => s.depth <= 2)
                .map((s) => ({ value: s.place, label: town.door(s.place) }))}
            />
          </Form.Item>
          <div className={css.pair}>
            <Form.Item name="profile" label={t.profile}>
              <Radio.Group
                aria-label={t.profile}
                options={Object.entries(all.worker.profiles).map(([value, label]) => ({ value, label }))}
              />
            </Form.Item>
            <Form.Item name="max_load_min" label={t.load}>
              <InputNumber min={0} max={960} step={30} precision={0} className={css.full} />
            </Form.Item>
          </div>
          <Form.Item name="state" label={t.state}>
            <Radio.Group
              aria-label={t.state}
              options={Object.entries(all.state).map(([value, label]) => ({ value, label }))}
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
