// Finds a person of the register by name, address or the last digits of the phone. Arrow keys choose, Enter takes it.
import { Select } from 'antd';
import { findResidents, type Resident } from '../api';
import { useText } from './text';
import { useFind } from './useFind';

export function ResidentSelect({
  id,
  value,
  known,
  onChange,
}: {
  id?: string;
  value: string | undefined;
  /** Name of the value when it was not chosen here. */
  known?: string;
  onChange: (v: string | undefined, r?: Resident) => void;
}) {
  const t = useText();
  const { found, busy, find } = useFind(findResidents);
  const options = found.map((r) => ({
    value: r.id,
    label: [r.title || r.name, r.age ? r.age : '', r.door].filter(Boolean).join(' · '),
  }));
  if (value && !options.some((o) => o.value === value)) options.unshift({ value, label: known ?? value });
  return (
    <Select
      id={id}
      aria-label={t.resident}
      placeholder={t.residentHint}
      allowClear
      showSearch={{ filterOption: false, onSearch: find }}
      loading={busy}
      value={value}
      onChange={(v?: string) =>
        onChange(
          v,
          found.find((r) => r.id === v),
        )
      }
      options={options}
      notFoundContent={null}
    />
  );
}
