// Roles with the scope each needs: a place for those who answer for one, an organization for those of one. Tab goes through the fields.
import { Button, Input, Select } from 'antd';
import { useMay } from '@/api/me';
import { PlaceSelect } from '@/design/console/PlaceSelect';
import { Icon } from '@/design/core';
import { useLang } from '@/i18n';
import { type Grant, type Policy, useOrgs } from '../api';
import { useText } from '../text';
import css from './auth.module.css';
import { useWords } from './useWords';

/** Whether every role has the scope it needs. */
export const complete = (grants: readonly Grant[], policy: Policy | undefined): boolean =>
  grants.every((g) => {
    const reach = policy?.roles[g.role]?.reach;
    return g.role !== '' && (reach !== 'place' || Boolean(g.place)) && (reach !== 'org' || Boolean(g.org));
  });

export function GrantsField({ value = [], onChange }: { value?: Grant[]; onChange?: (v: Grant[]) => void }) {
  const t = useText().users;
  const set = (i: number, g: Grant | undefined) =>
    onChange?.(g ? value.map((x, n) => (n === i ? g : x)) : value.filter((_, n) => n !== i));
  return (
    <div className={css.field}>
      {value.map((g, i) => (
        <Row key={i} grant={g} onChange={(next) => set(i, next)} />
      ))}
      <Button size="small" onClick={() => onChange?.([...value, { role: '' }])}>
        {t.addRole}
      </Button>
    </div>
  );
}

function Row({ grant: g, onChange }: { grant: Grant; onChange: (g: Grant | undefined) => void }) {
  const t = useText().users;
  const lang = useLang();
  const may = useMay();
  const { policy } = useWords();
  const orgs = useOrgs().data;
  const reach = policy?.roles[g.role]?.reach;
  return (
    <div>
      <Select
        aria-label={t.role}
        placeholder={t.role}
        showSearch={{ optionFilterProp: 'label' }}
        value={g.role || undefined}
        onChange={(role: string) => onChange({ role, place: g.place, org: g.org })}
        options={Object.entries(policy?.roles ?? {}).map(([value, r]) => ({ value, label: r[lang] }))}
      />
      <Button
        type="text"
        aria-label={t.removeRole}
        icon={<Icon name="close" size={16} />}
        onClick={() => onChange(undefined)}
      />
      {reach === 'place' ? (
        may('place.read') ? (
          <PlaceSelect
            street
            label={t.place}
            hint={t.place}
            value={g.place}
            onChange={(place) => onChange({ ...g, place })}
          />
        ) : (
          <Input
            aria-label={t.placeCode}
            placeholder={t.placeCode}
            value={g.place ?? ''}
            onChange={(e) => onChange({ ...g, place: e.target.value.trim() })}
          />
        )
      ) : null}
      {reach === 'org' ? (
        orgs?.length ? (
          <Select
            aria-label={t.org}
            placeholder={t.org}
            showSearch={{ optionFilterProp: 'label' }}
            value={g.org || undefined}
            onChange={(org: string) => onChange({ ...g, org })}
            options={orgs.map((o) => ({ value: o.id, label: o.name }))}
          />
        ) : (
          <Input
            aria-label={t.orgCode}
            placeholder={t.orgCode}
            value={g.org ?? ''}
            onChange={(e) => onChange({ ...g, org: e.target.value.trim() })}
          />
        )
      ) : null}
    </div>
  );
}
