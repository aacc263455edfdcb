// Finds a person of the register by name, address or the last digits of the phone. Arrow keys choose, Enter takes it.
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { Select } from 'antd';
import { useState } from 'react';
import { useSettled } from '@/design/console/PlaceSelect';
import { findResidents, type Resident } from '../api';
import { nameOf } from '../words';
import { useText } from './text';

export function ResidentSelect({
  value,
  onChange,
}: {
  value: Resident | undefined;
  onChange: (r: Resident | undefined) => void;
}) {
  const t = useText();
  const [typed, setTyped] = useState('');
  const words = useSettled(typed.trim());
  const found = useQuery({
    queryKey: ['resident', 'find', words],
    queryFn: ({ signal }) => findResidents(words, signal),
    enabled: words !== '',
    placeholderData: keepPreviousData,
  });
  const rows = words && typed ? (found.data?.items ?? []) : value ? [value] : [];
  return (
    <Select
      aria-label={t.house.add}
      placeholder={t.house.addHint}
      allowClear
      showSearch={{ filterOption: false, onSearch: setTyped }}
      loading={found.isFetching}
      value={value?.id}
      onChange={(id?: string) => onChange(rows.find((r) => r.id === id))}
      options={rows.map((r) => ({
        value: r.id,
        label: [nameOf(r), r.age || '', r.door].filter(Boolean).join(' · '),
      }))}
      notFoundContent={null}
    />
  );
}
