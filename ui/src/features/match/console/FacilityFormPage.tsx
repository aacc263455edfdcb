// Registering or editing a facility. Its place is a building: found by name, or pressed on the map.
import { useNavigate, useParams } from '@tanstack/react-router';
import { Button, Checkbox, Form, Input, InputNumber, Select } from 'antd';
import { useMemo } from 'react';
import { useMe } from '@/api/me';
import { useCatalogNames } from '@/api/names';
import { useScope } from '@/api/scope';
import { MapPanel, Page, Panel, useActWords } from '@/design/console';
import { Loaded } from '@/design/core';
import { useLang } from '@/i18n';
import { useTown } from '@/map/town';
import { type Facility, type FacilityDraft, useFacilities, useKinds, useOrgs, useSave } from '../api';
import { hoursOf, type Opening, openingsOf, wrong } from '../hours';
import { useText } from '../text';
import { HoursField } from './HoursField';
import css from './match.module.css';

type Fields = Omit<FacilityDraft, 'hours' | 'at'> & { hours: Opening[] };

export function FacilityFormPage() {
  const t = useText();
  const { id } = useParams({ strict: false }) as { id?: string };
  const all = useFacilities();
  const before = all.data?.find((f) => f.id === id);
  return (
    <Page title={before ? t.editTitle(before.name) : t.newTitle}>
      {id ? (
        <Loaded query={all} rows={6}>
          {() => (before ? <FacilityForm key={before.rev} before={before} /> : <p>{t.none}</p>)}
        </Loaded>
      ) : (
        <FacilityForm />
      )}
    </Page>
  );
}

function FacilityForm({ before }: { before?: Facility }) {
  const t = useText();
  const lang = useLang();
  const me = useMe().data;
  const navigate = useNavigate();
  const { done, failed } = useActWords();
  const catalog = useCatalogNames();
  const kinds = useKinds();
  const orgs = useOrgs();
  const scope = useScope();
  const town = useTown();
  const save = useSave();
  const [form] = Form.useForm<Fields>();
  const place = Form.useWatch('place', form);
  const kindCode = Form.useWatch('kind', form);
  const kind = kinds?.find((k) => k.kind === kindCode);
  const buildings = useMemo(() => town.spots.filter((s) => s.depth === 4), [town]);
  // Close enough for houses to be seen and pressed: around the present place, or the middle of the area.
  const bounds = useMemo(() => {
    const mine = buildings.filter((s) => s.place.startsWith(scope));
    const at = (before && town.spot(before.place)) ?? mine[Math.floor(mine.length / 2)];
    const near = 0.004;
    return at ? ([at.lng - near, at.lat - near, at.lng + near, at.lat + near] as const) : undefined;
  }, [before, town, buildings, scope]);
  const submit = ({ hours, ...f }: Fields) => {
    const spot = town.spot(f.place);
    const at = spot ? { lng: spot.lng, lat: spot.lat } : before?.at;
    if (!at) return;
    const draft = { ...f, at, hours: hoursOf(hours ?? []), slot_min: f.slot_min ?? 0 };
    save.mutate(
      { id: before?.id, rev: before?.rev, draft },
      {
        onSuccess: (saved) => {
          done(t.saved(saved.name));
          void navigate({ href: `/facilities?sel=${saved.id}` });
        },
        onError: failed,
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
          scrollToFirstError
          initialValues={
            before
              ? { ...before, hours: openingsOf(before.hours) }
              : {
                  org: me?.org,
                  specs: [],
                  step_free: false,
                  active: true,
                  hours: [{ days: [1, 2, 3, 4, 5], from: 480, to: 1020 }],
                }
          }
        >
          <Form.Item name="name" label={t.name} rules={[{ required: true, min: 2, message: t.pickName }]}>
            <Input maxLength={60} />
          </Form.Item>
          <Form.Item name="kind" label={t.kind} rules={[{ required: true, message: t.pickKind }]}>
            <Select options={kinds?.map((k) => ({ value: k.kind, label: k[lang] }))} />
          </Form.Item>
          <Form.Item
            name="place"
            label={t.building}
            extra={t.buildingHint}
            rules={[{ required: true, message: t.pickBuilding }]}
          >
            <Select
              showSearch={{ optionFilterProp: 'label' }}
              options={buildings.map((s) => ({ value: s.place, label: town.door(s.place) }))}
            />
          </Form.Item>
          <Form.Item
            name="specs"
            label={t.services}
            rules={[{ required: true, type: 'array', min: 1, message: t.pickSpecs }]}
          >
            <Select
              mode="multiple"
              showSearch={{ optionFilterProp: 'label' }}
              options={catalog.specs
                .filter((s) => s.mode === 'facility' && !s.off)
                .map((s) => ({ value: s.code, label: s[lang] }))}
            />
          </Form.Item>
          {orgs?.length ? (
            <Form.Item name="org" label={t.org}>
              <Select
                allowClear
                showSearch={{ optionFilterProp: 'label' }}
                disabled={Boolean(me?.org)}
                options={orgs.map((o) => ({ value: o.id, label: o.name }))}
              />
            </Form.Item>
          ) : (
            <Form.Item name="org" hidden>
              <Input />
            </Form.Item>
          )}
          <div className={css.pair}>
            <Form.Item name="capacity" label={t.seats} rules={[{ required: true, message: t.pickSeats }]}>
              <InputNumber min={1} max={5000} precision={0} suffix={t.seatsUnit} className={css.wide} />
            </Form.Item>
            <Form.Item
              name="slot_min"
              label={t.slotMin}
              extra={kind ? t.slotUsual(String(kind.slot_min)) : undefined}
            >
              <InputNumber
                min={5}
                max={1440}
                precision={0}
                suffix={t.minutes}
                placeholder={kind ? String(kind.slot_min) : undefined}
                className={css.wide}
              />
            </Form.Item>
          </div>
          <Form.Item
            name="hours"
            label={t.hours}
            rules={[
              {
                validator: (_, v: Opening[] | undefined) =>
                  !v?.length
                    ? Promise.reject(t.hoursNeed)
                    : v.some(wrong)
                      ? Promise.reject(t.hoursWrong)
                      : Promise.resolve(),
              },
            ]}
          >
            <HoursField />
          </Form.Item>
          <Form.Item name="step_free" valuePropName="checked" noStyle>
            <Checkbox>{t.stepFreeLong}</Checkbox>
          </Form.Item>
          <Form.Item name="active" valuePropName="checked" noStyle>
            <Checkbox>{t.active}</Checkbox>
          </Form.Item>
          <div className={css.formActs}>
            <Button type="primary" htmlType="submit" loading={save.isPending}>
              {t.save}
            </Button>
          </div>
        </Form>
      </Panel>
      <div className={css.formMap}>
        <MapPanel
          label={t.mapLabel}
          bounds={bounds}
          selected={place}
          onPick={(p) => {
            if (p.kind === 'building') form.setFieldsValue({ place: p.id });
          }}
          legend={place ? `${t.picked} ${town.door(place)}` : t.buildingHint}
        />
      </div>
    </div>
  );
}
