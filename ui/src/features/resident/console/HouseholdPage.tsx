// One household: who belongs to it and where. Members are found by name and join with their relation to the head.
import { Link, useParams } from '@tanstack/react-router';
import { Button, Input, Select } from 'antd';
import { useState } from 'react';
import { useMay } from '@/api/me';
import { Page, Panel, useActWords, WorkList } from '@/design/console';
import { PlaceSelect } from '@/design/console/PlaceSelect';
import { DoorPlate, Icon, Loaded } from '@/design/core';
import { count } from '@/design/format';
import { useLang } from '@/i18n';
import { type Household, type Resident, useCodes, useHousehold, useJoin, useSaveHousehold } from '../api';
import { codeName, nameOf, partsOf, placeAt } from '../words';
import { Phone } from './parts';
import { ResidentSelect } from './ResidentSelect';
import css from './resident.module.css';
import { useText } from './text';

export function HouseholdPage() {
  const { id } = useParams({ strict: false }) as { id: string };
  const all = useText();
  const t = all.house;
  const may = useMay();
  const q = useHousehold(id);
  return (
    <Loaded query={q} rows={6}>
      {(h) => (
        <Page
          title={
            <span className={css.head}>
              <Link to="/residents" aria-label={all.back} className={css.backLink}>
                <Icon name="back" />
              </Link>
              <DoorPlate label={h.door} place={h.place} size="page" />
              {t.title}
              <small>
                {[h.number ? all.familyNo(h.number) : '', t.count(count(h.members.length))]
                  .filter(Boolean)
                  .join(' · ')}
              </small>
            </span>
          }
        >
          <div className={css.columns}>
            <div>
              <Panel title={t.members} flush>
                <Members household={h} />
              </Panel>
            </div>
            <div>
              {may('resident.write') ? (
                <>
                  <Panel title={t.add}>
                    <AddMember household={h} />
                  </Panel>
                  <Panel title={t.edit}>
                    <EditHousehold key={h.rev} household={h} />
                  </Panel>
                </>
              ) : null}
            </div>
          </div>
        </Page>
      )}
    </Loaded>
  );
}

function Members({ household: h }: { household: Household }) {
  const all = useText();
  const t = all.house;
  const lang = useLang();
  const may = useMay();
  const codes = useCodes().data;
  const join = useJoin();
  const { done, failed } = useActWords();
  const leave = (r: Resident) =>
    join.mutate(
      { resident: r, household: '', relation: '' },
      { onSuccess: () => done(t.left(nameOf(r))), onError: failed },
    );
  return (
    <WorkList<Resident>
      label={t.members}
      rows={h.members}
      id={(r) => r.id}
      empty={t.empty}
      columns={[
        {
          key: 'name',
          title: all.col.name,
          width: 'minmax(104px, 1fr)',
          render: (r) => <Link to={`/residents/${r.id}`}>{nameOf(r)}</Link>,
        },
        { key: 'age', title: all.col.age, width: '48px', right: true, render: (r) => r.age || '—' },
        {
          key: 'relation',
          title: t.head,
          width: 'minmax(96px, 1fr)',
          render: (r) => (
            <>
              {codeName(codes?.relations, r.relation, lang) || '—'}
              {r.place === h.place ? null : <small className={css.soft}> {t.elsewhere}</small>}
            </>
          ),
        },
        { key: 'phone', title: all.col.phone, width: '128px', render: (r) => <Phone number={r.phone} /> },
        ...(may('resident.write')
          ? [
              {
                key: 'leave',
                title: '',
                width: '64px',
                right: true,
                render: (r: Resident) => (
                  <Button size="small" type="text" onClick={() => leave(r)}>
                    {t.leave}
                  </Button>
                ),
              },
            ]
          : []),
      ]}
    />
  );
}

function AddMember({ household: h }: { household: Household }) {
  const all = useText();
  const t = all.house;
  const lang = useLang();
  const codes = useCodes().data;
  const join = useJoin();
  const { done, failed } = useActWords();
  const [chosen, setChosen] = useState<Resident>();
  const [relation, setRelation] = useState<string>();
  return (
    <div className={css.forget}>
      <ResidentSelect value={chosen} onChange={setChosen} />
      <Select
        allowClear
        aria-label={t.head}
        placeholder={t.head}
        value={relation}
        onChange={setRelation}
        options={codes?.relations.map((c) => ({ value: c.code, label: c[lang] }))}
      />
      <div>
        <Button
          disabled={!chosen}
          loading={join.isPending}
          onClick={() =>
            chosen &&
            join.mutate(
              { resident: chosen, household: h.id, relation },
              {
                onSuccess: () => {
                  done(t.added(nameOf(chosen)));
                  setChosen(undefined);
                  setRelation(undefined);
                },
                onError: failed,
              },
            )
          }
        >
          {all.add}
        </Button>
      </div>
    </div>
  );
}

function EditHousehold({ household: h }: { household: Household }) {
  const all = useText();
  const t = all.house;
  const save = useSaveHousehold();
  const { done, failed } = useActWords();
  const at = partsOf(h.place);
  const [building, setBuilding] = useState<string | undefined>(at.building);
  const [entrance, setEntrance] = useState(at.entrance);
  const [room, setRoom] = useState(at.room);
  const [number, setNumber] = useState(h.number ?? '');
  const place = building ? placeAt(building, entrance, room) : h.place;
  const same = place === h.place && number === (h.number ?? '');
  return (
    <div className={css.forget}>
      <div className={css.doors}>
        <PlaceSelect label={all.form.building} depths={[4, 4]} value={building} onChange={setBuilding} />
        <Input
          aria-label={all.form.entrance}
          suffix={all.form.entrance}
          maxLength={20}
          value={entrance}
          onChange={(e) => setEntrance(e.target.value)}
        />
        <Input
          aria-label={all.form.room}
          suffix={all.form.room}
          maxLength={20}
          value={room}
          onChange={(e) => setRoom(e.target.value)}
        />
      </div>
      <Input
        aria-label={t.number}
        prefix={<span className={css.soft}>{t.number}</span>}
        maxLength={40}
        value={number}
        onChange={(e) => setNumber(e.target.value)}
      />
      <div>
        <Button
          disabled={same || !building}
          loading={save.isPending}
          onClick={() =>
            save.mutate(
              { household: h, place, number: number.trim() },
              { onSuccess: () => done(t.saved), onError: failed },
            )
          }
        >
          {all.form.save}
        </Button>
      </div>
    </div>
  );
}
