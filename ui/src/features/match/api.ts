import { useQueries, useQuery } from '@tanstack/react-query';
import { call, get, type Page, path, post } from '@/api/client';
import { useMay, useMe } from '@/api/me';
import { useAct } from '@/api/query';

/** Weekly opening: day 0 is Sunday, minutes since midnight. */
export interface Hours {
  day: number;
  from_min: number;
  to_min: number;
}

export interface Facility {
  id: string;
  kind: string;
  name: string;
  place: string;
  at: { lng: number; lat: number };
  org?: string;
  specs: string[];
  capacity: number;
  slot_min: number;
  hours: Hours[];
  step_free: boolean;
  active: boolean;
  rev: number;
}

export type FacilityDraft = Omit<Facility, 'id' | 'rev'>;

export interface Kind {
  kind: string;
  zh: string;
  en: string;
  slot_min: number;
  radius_m: number;
}

export interface Slot {
  facility: string;
  start: string;
  end: string;
  capacity: number;
  booked: number;
  used: number;
  closed?: string;
}

export interface Booking {
  id: string;
  facility: string;
  start: string;
  end: string;
  order: string;
  resident?: string;
  place: string;
  persons: number;
  code?: string;
  state: 'booked' | 'checked_in' | 'no_show' | 'canceled';
  rev: number;
}

export const keys = {
  all: ['match'] as const,
  list: ['match', 'facilities'] as const,
  slots: (id: string) => ['match', 'slots', id] as const,
  slotsOf: (id: string, from: string, to: string) => ['match', 'slots', id, from, to] as const,
  bookings: (id: string) => ['match', 'bookings', id] as const,
};

/** Facilities are few: all of them at once, filtered where they are shown. */
export const useFacilities = () =>
  useQuery({
    queryKey: keys.list,
    queryFn: async ({ signal }) => {
      const all: Facility[] = [];
      let cursor = '';
      do {
        const p = await get<Page<Facility>>('/api/v1/facilities', { limit: 200, cursor }, signal);
        all.push(...p.items);
        cursor = p.next;
      } while (cursor);
      return all;
    },
  });

export const useKinds = () =>
  useQuery({
    queryKey: ['match', 'kinds'],
    queryFn: ({ signal }) =>
      get<Page<Kind>>('/api/v1/facility-kinds', undefined, signal).then((p) => p.items),
    staleTime: 60 * 60_000,
  }).data;

const iso = (t: number) => new Date(t).toISOString();

export const useSlots = (id: string, from: number, to: number) =>
  useQuery({
    queryKey: keys.slotsOf(id, iso(from), iso(to)),
    queryFn: ({ signal }) =>
      get<Page<Slot>>(path`/api/v1/facilities/${id}/slots`, { from: iso(from), to: iso(to) }, signal).then(
        (p) => p.items,
      ),
    enabled: id !== '',
    placeholderData: (before) => (before?.[0]?.facility === id ? before : undefined),
  });

/** Bookings of a facility from the beginning of a day on. */
export const useBookings = (id: string, from: number) =>
  useQuery({
    queryKey: [...keys.bookings(id), iso(from)],
    queryFn: ({ signal }) =>
      get<Page<Booking>>('/api/v1/bookings', { facility: id, from: iso(from), limit: 200 }, signal).then(
        (p) => p.items,
      ),
    enabled: id !== '',
  });

export const useSave = () =>
  useAct(
    (v: { id?: string; rev?: number; draft: FacilityDraft }, key) =>
      v.id
        ? call<Facility>('PUT', path`/api/v1/facilities/${v.id}`, {
            body: v.draft,
            headers: { 'If-Match': `"${v.rev}"` },
          })
        : post<Facility>('/api/v1/facilities', v.draft, { key }),
    { stale: (_, f) => [keys.list, keys.slots(f.id)] },
  );

/** Closes the slots of a span, or opens them again with an empty reason; tells which bookings lie in it. */
export const useClose = () =>
  useAct(
    (v: { id: string; from: number; to: number; reason: string }, key) =>
      post<Page<Booking>>(
        path`/api/v1/facilities/${v.id}/close`,
        { from: iso(v.from), to: iso(v.to), reason: v.reason },
        { key },
      ).then((p) => p.items),
    { stale: (v) => [keys.slots(v.id), keys.bookings(v.id)] },
  );

export const useCheckIn = () =>
  useAct(
    (v: { booking: Booking; code: string }, key) =>
      post<Booking>(path`/api/v1/bookings/${v.booking.id}/check-in`, { code: v.code }, { key }),
    { stale: (v) => [keys.slots(v.booking.facility), keys.bookings(v.booking.facility)] },
  );

/** Counts people who came without a booking into the slot that runs now. */
export const useVisit = () =>
  useAct(
    (v: { id: string; persons: number }, key) =>
      post<Slot>(path`/api/v1/facilities/${v.id}/visits`, { persons: v.persons }, { key }),
    { stale: (v) => [keys.slots(v.id)] },
  );

export const useOrgs = () => {
  const may = useMay();
  return useQuery({
    queryKey: ['match', 'orgs'],
    queryFn: ({ signal }) =>
      get<Page<{ id: string; name: string }>>('/api/v1/organizations', { limit: 200 }, signal).then(
        (p) => p.items,
      ),
    enabled: may('party.read'),
    staleTime: 10 * 60_000,
  }).data;
};

export interface Person {
  id: string;
  title: string;
  at?: { lng: number; lat: number };
}

/** Oneself and those one acts for. */
export function usePeople(): Person[] {
  const me = useMe().data;
  const ids = [...(me?.resident ? [me.resident] : []), ...(me?.wards ?? [])];
  const found = useQueries({
    queries: ids.map((id) => ({
      queryKey: ['match', 'person', id],
      queryFn: ({ signal }: { signal: AbortSignal }) =>
        get<Person>(path`/api/v1/residents/${id}`, undefined, signal),
      staleTime: 10 * 60_000,
    })),
  });
  return ids.map((id, i) => found[i]?.data ?? { id, title: '' });
}

/** A wish for a slot is a need like any other: the hub books it and tells. */
export const useWishSlot = () =>
  useAct(
    (v: { spec: string; facility: Facility; slot: Slot; resident?: string }, key) =>
      post<{ id: string }>(
        '/api/v1/demands',
        {
          spec: v.spec,
          for_resident: v.resident,
          // The chosen house itself is where help is wished: nothing lies nearer to it.
          place: v.facility.place,
          at: v.facility.at,
          wish_from: v.slot.start,
          wish_to: v.slot.end,
        },
        { key },
      ),
    { stale: (v) => [keys.slots(v.facility.id)] },
  );
