// A slot in a canteen, court or room: what for, where, when. Each stands in the address, so a killed page loses nothing.
import { useState } from 'react';
import { dutyPhone } from '@/api/duty';
import { useCatalogNames } from '@/api/names';
import { useNow } from '@/design/clock';
import { Failed, Loaded, StatePanel } from '@/design/core';
import { distance, span, startOfDay } from '@/design/format';
import { BigButton, CallButton } from '@/design/mobile/Button';
import { Card, ListRow } from '@/design/mobile/Card';
import { ChoiceCards, SlotPicker } from '@/design/mobile/Field';
import { Page } from '@/design/mobile/Page';
import { go, goBack, useHere } from '@/design/mobile/router';
import {
  type Facility,
  type Person,
  type Slot,
  useFacilities,
  usePeople,
  useSlots,
  useWishSlot,
} from '../api';
import { useText } from '../text';
import { byItem, daysOf, nearFirst, offered } from './choice';

/** How many days ahead slots are laid out. */
const daysAhead = 7;

export function SlotPage() {
  const t = useText().h;
  const { search } = useHere();
  const facilities = useFacilities();
  const people = usePeople();
  const spec = search.get('spec') ?? '';
  const item = search.get('item') ?? '';
  const chosen = facilities.data?.find((f) => f.id === search.get('f'));
  const forWhom = people.find((p) => p.id === search.get('for')) ?? people[0];
  const set = (patch: Record<string, string>) => {
    const next = new URLSearchParams(search);
    for (const [k, v] of Object.entries(patch)) {
      if (v) next.set(k, v);
      else next.delete(k);
    }
    go(`/h/facilities?${next}`, { replace: true });
  };
  if (spec && chosen) {
    return <When spec={spec} facility={chosen} people={people} forWhom={forWhom} set={set} />;
  }
  const back = () => {
    if (spec) set({ spec: '' });
    else if (item) set({ item: '' });
    else goBack('/h');
  };
  return (
    <Page title={t.title} back={back} call={<CallButton phone={dutyPhone} compact />}>
      <Loaded query={facilities} rows={6}>
        {(all) =>
          spec ? (
            <Where all={all} spec={spec} home={forWhom?.at} set={set} />
          ) : (
            <What all={all} item={item} home={forWhom?.at} set={set} />
          )
        }
      </Loaded>
    </Page>
  );
}

type Set = (patch: Record<string, string>) => void;

/** What for: the item first, then its service. What leaves no choice is not asked. */
function What({
  all,
  item,
  home,
  set,
}: {
  all: readonly Facility[];
  item: string;
  home: Person['at'];
  set: Set;
}) {
  const t = useText();
  const catalog = useCatalogNames();
  const groups = byItem(offered(catalog.specs, all));
  const choose = (spec: string) => {
    const near = nearFirst(all, spec, home);
    set({ spec, f: near.length === 1 ? (near[0]?.facility.id ?? '') : '' });
  };
  if (groups.length === 0 && catalog.specs.length > 0)
    return <StatePanel state="empty" title={t.h.nothing} />;
  const group = groups.find((g) => g.item === item);
  if (group) {
    return (
      <Card title={t.h.what} note={catalog.item(item)}>
        {group.specs.map((s) => (
          <ListRow key={s.code} title={catalog.spec(s.code)} onPress={() => choose(s.code)} />
        ))}
      </Card>
    );
  }
  return (
    <Card title={t.h.what}>
      {groups.map((g) => (
        <ListRow
          key={g.item}
          title={catalog.item(g.item)}
          note={g.specs.map((s) => catalog.spec(s.code)).join(t.and)}
          onPress={() => {
            const only = g.specs.length === 1 ? g.specs[0] : undefined;
            if (only) choose(only.code);
            else set({ item: g.item });
          }}
        />
      ))}
    </Card>
  );
}

/** Where: the nearest to home first. */
function Where({
  all,
  spec,
  home,
  set,
}: {
  all: readonly Facility[];
  spec: string;
  home: Person['at'];
  set: Set;
}) {
  const t = useText().h;
  const catalog = useCatalogNames();
  return (
    <Card title={t.whereTo} note={catalog.spec(spec)}>
      {nearFirst(all, spec, home).map(({ facility, meters }) => (
        <ListRow
          key={facility.id}
          title={facility.name}
          note={[meters === undefined ? '' : t.near(distance(meters)), facility.step_free ? t.stepFree : '']
            .filter(Boolean)
            .join(' · ')}
          onPress={() => set({ f: facility.id })}
        />
      ))}
    </Card>
  );
}

function When({
  spec,
  facility,
  people,
  forWhom,
  set,
}: {
  spec: string;
  facility: Facility;
  people: readonly Person[];
  forWhom?: Person;
  set: Set;
}) {
  const t = useText().h;
  const now = useNow();
  const catalog = useCatalogNames();
  const { search } = useHere();
  const from = startOfDay(now);
  const slots = useSlots(facility.id, from, from + daysAhead * 86_400_000);
  const wish = useWishSlot();
  const [sent, setSent] = useState<Slot>();
  const picked = slots.data?.find((s) => s.start === search.get('slot'));
  const back = () => set({ f: '', slot: '', day: '' });
  if (sent) {
    const when = span(sent.start, sent.end, now);
    return (
      <Page
        title={t.title}
        back={() => goBack('/h')}
        acts={<BigButton onPress={() => go('/h', { replace: true })}>{t.home}</BigButton>}
      >
        <Card title={t.sent}>
          <p role="status">{t.sentNote(catalog.spec(spec), facility.name, when)}</p>
        </Card>
      </Page>
    );
  }
  return (
    <Page
      title={facility.name}
      back={back}
      call={<CallButton phone={dutyPhone} compact />}
      acts={
        <BigButton
          busy={wish.isPending}
          disabled={!picked}
          onPress={() =>
            picked &&
            wish.mutate(
              { spec, facility, slot: picked, resident: people.length > 1 ? forWhom?.id : undefined },
              { onSuccess: () => setSent(picked) },
            )
          }
        >
          {picked ? t.book : t.pick}
        </BigButton>
      }
    >
      {wish.error ? <Failed error={wish.error} inline /> : null}
      {people.length > 1 ? (
        <Card>
          <ChoiceCards
            label={t.forWhom}
            choices={people.map((p) => ({ value: p.id, title: p.title || t.me }))}
            value={forWhom?.id}
            onChange={(id) => set({ for: id })}
          />
        </Card>
      ) : null}
      <Card title={catalog.spec(spec)}>
        <Loaded query={slots} rows={4}>
          {(all) => {
            const days = daysOf(all, now, t);
            if (days.length === 0) return <StatePanel state="empty" title={t.noFree} />;
            const day = search.get('day') ?? days[0]?.day ?? '';
            return (
              <SlotPicker
                label={t.when}
                days={days}
                value={{ day, slot: picked?.start }}
                onChange={(v) => set({ day: v.day, slot: v.slot ?? '' })}
              />
            );
          }}
        </Loaded>
      </Card>
    </Page>
  );
}
