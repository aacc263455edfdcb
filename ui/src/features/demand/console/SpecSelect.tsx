// Chooses a service of the catalog by part of its name; services stand under their group. Arrow keys choose, Enter takes it.
import { Select } from 'antd';
import { useMemo } from 'react';
import { useCatalogNames } from '@/api/names';
import { useText } from './text';

export function SpecSelect({
  id,
  value,
  hint,
  onChange,
}: {
  id?: string;
  value: string | undefined;
  /** Shown while nothing is chosen: what the words were read as. */
  hint?: string;
  onChange: (v: string | undefined) => void;
}) {
  const t = useText();
  const names = useCatalogNames();
  const options = useMemo(
    () =>
      names.items.map((i) => ({
        label: names.item(i.code),
        options: names.specs
          .filter((s) => s.item === i.code && !s.off)
          .map((s) => ({
            value: s.code,
            label: names.spec(s.code),
            words: `${s.zh} ${s.en} ${i.zh} ${i.en}`,
          })),
      })),
    [names],
  );
  return (
    <Select
      id={id}
      aria-label={t.spec}
      placeholder={hint ?? t.specHint}
      allowClear
      showSearch={{
        filterOption: (typed, o) =>
          String((o as { words?: string } | undefined)?.words ?? '')
            .toLowerCase()
            .includes(typed.toLowerCase()),
      }}
      value={value}
      onChange={(v?: string) => onChange(v)}
      options={options}
    />
  );
}
