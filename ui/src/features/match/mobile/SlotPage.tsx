// A slot in a canteen, court or room in three choices: what for, where, when. Each stands in the address, so a killed page loses nothing.
import { useState } from 'react';
import { useCatalogNames } from '@/api/names';
import { useNow } from '@/design/clock';
import { Failed, Loaded, StatePanel } from '@/design/core';
import { distance, span, startOfDay } from '@/design/format';
import { BigButton } from '@/design/mobile/Button';
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
import { daysOf, nearFirst, offered } from './choice';

/** How many days ahead slots are laid out. */
const daysAhead = 7;

export function SlotPage() {
  const t = useText().h;
  const { search } = useHere();
  const facilities = useFacilities();
  const catalog = useCatalogNames();
  const people = usePeople();
  const spec = search.get('spec') ?? '';
  const chosen = facilities.data?.find((f) => f.id === search.get('f'));
  const forWhom = people.find((p) => p.id === search.get('for')) ?? people[0];
  const set = (patch: Record<string, string>) => {
    const next = new URLSearchParams(search);
    for (const [k, v] of Object.entries(patch)) v ? next.set(k, v) : next.delete(k);
    go(`/h/facilities?${next}`, { replace: true });
  };
  if (spec && chosen) {
    return <When spec={spec} facility={chosen} people={people} forWhom={forWhom} set={set} />;
  }
  return (
    <Page title={t.title} back={() => (spec ? set({ spec: '' }) : goBack('/h'))}>
      <Loaded query={facilities} rows={6}>
        {(all) => {
          const specs = offered(catalog.specs, all);
          if (specs.length === 0 && catalog.specs.length > 0)
            return <StatePanel state="empty" title={t.nothing} />;
          return spec ? (
            <Card title={t.whereTo} note={catalog.spec(spec)}>
              {nearFirst(all, spec, forWhom?.at).map(({ facility, meters }) => (
                <ListRow
                  key={facility.id}
                  title={facility.name}
                  note={[
                    meters === undefined ? '' : t.near(distance(meters)),
                    facility.step_free ? t.stepFree : '',
                  ]
                    .filter(Boolean)
                    .join(' · ')}
                  onPress={() => set({ f: facility.id })}
                />
              ))}
            </Card>
          ) : (
            <Card title={t.what}>
              {specs.map((s) => (
                <ListRow key={s.code} title={catalog.spec(s.code)} onPress={() => set({ spec: s.code })} />
              ))}
            </Card>
          );
        }}
      </Loaded>
    </Page>
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
  set: (patch: Record<string, string>) => void;
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
