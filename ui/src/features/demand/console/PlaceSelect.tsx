// Finds a place by name or address while one types. Arrow keys choose, Enter takes it.

import { Select } from 'antd';
import { useTown } from '@/map/town';
import { findPlaces } from '../api';
import { useText } from './text';
import { useFind } from './useFind';

export function PlaceSelect({
  id,
  value,
  onChange,
}: {
  id?: string;
  value: string | undefined;
  onChange: (v: string | undefined) => void;
}) {
  const t = useText();
  const town = useTown();
  const { found, busy, find } = useFind(findPlaces);
  const options = found.map((p) => ({
    value: p.place,
    label: [town.door(p.place), p.address].filter(Boolean).join('，'),
  }));
  if (value && !options.some((o) => o.value === value)) options.unshift({ value, label: town.door(value) });
  return (
    <Select
      id={id}
      aria-label={t.place}
      placeholder={t.placeHint}
      allowClear
      showSearch={{ filterOption: false, onSearch: find }}
      loading={busy}
      value={value}
      onChange={(v?: string) => onChange(v)}
      options={options}
      notFoundContent={null}
    />
  );
}
