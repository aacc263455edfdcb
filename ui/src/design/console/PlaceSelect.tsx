// Finds a place by name or address while one types; before that the communities are offered. Arrow keys choose, Enter takes it.
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { Select } from 'antd';
import { useEffect, useState } from 'react';
import { get, type Page } from '@/api/client';
import { useTown } from '@/map/town';
import { useText } from './text';

interface Found {
  place: string;
  depth: number;
  name: string;
  address?: string;
}

export function PlaceSelect({
  id,
  label,
  hint,
  value,
  onChange,
  depths = [1, 4],
  street,
  disabled,
}: {
  id?: string;
  label?: string;
  hint?: string;
  value?: string;
  onChange?: (v: string | undefined) => void;
  /** The largest and the smallest kind of place that may be chosen: 1 community, 2 grid, 3 estate, 4 building. */
  depths?: [from: number, to: number];
  /** Offers whole streets, too: all communities whose codes begin alike. */
  street?: boolean;
  disabled?: boolean;
}) {
  const t = useText();
  const town = useTown();
  const [typed, setTyped] = useState('');
  const words = useSettled(typed.trim());
  const found = useQuery({
    queryKey: ['places', 'find', words],
    queryFn: ({ signal }) => get<Page<Found>>('/api/v1/places', { q: words, limit: 30 }, signal),
    enabled: words !== '',
    placeholderData: keepPreviousData,
  });
  const fits = (p: { depth: number }) => p.depth >= depths[0] && p.depth <= depths[1];
  const name = (p: Found) => (p.depth < 4 ? p.name : town.door(p.place));
  const options = (
    words && typed ? (found.data?.items ?? []) : town.spots.filter((s) => s.depth === depths[0])
  )
    .filter(fits)
    .map((p) => ({ value: p.place, label: [name(p), (p as Found).address].filter(Boolean).join('，') }));
  const communities = town.spots.filter((s) => s.depth === 1);
  const inside = (code: string) => communities.filter((s) => s.place.startsWith(code));
  if (street && !words) {
    const codes = [...new Set(communities.map((s) => s.place.slice(0, 9)))];
    options.unshift(...codes.map((c) => ({ value: c, label: t.street(String(inside(c).length)) })));
  }
  if (value && !options.some((o) => o.value === value)) {
    const n = town.spot(value) ? 0 : inside(value).length;
    options.unshift({ value, label: n > 0 ? t.street(String(n)) : town.door(value) });
  }
  return (
    <Select
      id={id}
      aria-label={label ?? t.place}
      placeholder={hint ?? t.placeFind}
      allowClear
      disabled={disabled}
      showSearch={{ filterOption: false, onSearch: setTyped }}
      loading={found.isFetching}
      value={value || undefined}
      onChange={(v?: string) => onChange?.(v)}
      options={options}
      notFoundContent={null}
    />
  );
}

/** The value once it has not changed for 250 ms. */
export function useSettled<T>(value: T): T {
  const [settled, setSettled] = useState(value);
  useEffect(() => {
    const id = setTimeout(() => setSettled(value), 250);
    return () => clearTimeout(id);
  }, [value]);
  return settled;
}
