// Filters over a list. Every one of them lives in the URL: the page passes its search parameters in and patches out.
import { Button, Input, Segmented, Select } from 'antd';
import { type ReactNode, useEffect, useState } from 'react';
import { useBase } from '@/i18n/base';
import { Icon } from '../core';
import css from './console.module.css';
import { useText } from './text';

export type Filter<S> =
  | {
      kind: 'tabs';
      key: keyof S & string;
      label: string;
      options: { value: string; label: string; count?: number }[];
    }
  | {
      kind: 'select';
      key: keyof S & string;
      label: string;
      options: { value: string; label: string }[];
      many?: boolean;
      width?: number;
    }
  | { kind: 'search'; key: keyof S & string; label: string; width?: number };

export function FilterBar<S extends object>({
  filters,
  value,
  onChange,
  children,
}: {
  filters: readonly Filter<S>[];
  value: S;
  /** Takes the changed parameters; undefined removes one. */
  onChange: (patch: Partial<S>) => void;
  /** At the right end: view switch, export. */
  children?: ReactNode;
}) {
  const t = useText();
  const get = (k: string) => (value as Record<string, unknown>)[k];
  const set = (k: string, v: unknown) =>
    onChange({ [k]: v === '' || (Array.isArray(v) && v.length === 0) ? undefined : v } as Partial<S>);
  const used = filters.filter((f) => f.kind !== 'tabs' && get(f.key) !== undefined);
  return (
    <div className={css.filters} role="search">
      {filters.map((f) =>
        f.kind === 'tabs' ? (
          <Segmented
            key={f.key}
            aria-label={f.label}
            value={String(get(f.key) ?? '')}
            onChange={(v) => set(f.key, v)}
            options={f.options.map((o) => ({
              value: o.value,
              label: o.count === undefined ? o.label : `${o.label} ${o.count}`,
            }))}
          />
        ) : f.kind === 'select' ? (
          <Select
            key={f.key}
            aria-label={f.label}
            placeholder={f.label}
            allowClear
            showSearch={{ optionFilterProp: 'label' }}
            mode={f.many ? 'multiple' : undefined}
            maxTagCount="responsive"
            style={{ width: f.width ?? 140 }}
            value={get(f.key) as string | undefined}
            onChange={(v: unknown) => set(f.key, v ?? undefined)}
            options={f.options}
          />
        ) : (
          <SearchField
            key={f.key}
            label={f.label}
            width={f.width}
            value={String(get(f.key) ?? '')}
            onChange={(v) => set(f.key, v)}
          />
        ),
      )}
      {used.length > 0 ? (
        <Button
          type="text"
          onClick={() => onChange(Object.fromEntries(used.map((f) => [f.key, undefined])) as Partial<S>)}
        >
          {t.clear}
        </Button>
      ) : null}
      {children ? <div className={css.filtersEnd}>{children}</div> : null}
    </div>
  );
}

/** Tells what is typed 250 ms after the last key, and at once on Enter. */
function SearchField({
  label,
  value,
  width,
  onChange,
}: {
  label: string;
  value: string;
  width?: number;
  onChange: (v: string) => void;
}) {
  const base = useBase();
  const [typed, setTyped] = useState(value);
  useEffect(() => setTyped(value), [value]);
  useEffect(() => {
    if (typed === value) return;
    const id = setTimeout(() => onChange(typed.trim()), 250);
    return () => clearTimeout(id);
  }, [typed, value, onChange]);
  return (
    <Input
      aria-label={label}
      placeholder={label || base.search}
      prefix={<Icon name="search" size={16} />}
      allowClear
      style={{ width: width ?? 220 }}
      value={typed}
      onChange={(e) => setTyped(e.target.value)}
      onPressEnter={() => onChange(typed.trim())}
    />
  );
}
