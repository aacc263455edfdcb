// What was understood, to be agreed to before it is sent: the service meant with other guesses, for whom, where, when. Rows are buttons where they can be changed.
import { useEffect, useState } from 'react';
import { useCatalogNames } from '@/api/names';
import { useNow } from '@/design/clock';
import { span } from '@/design/format';
import { NoticeBar } from '@/design/mobile/Bars';
import { BigButton } from '@/design/mobile/Button';
import { Card, ListRow } from '@/design/mobile/Card';
import { ChoiceCards, type SlotDay, SlotPicker } from '@/design/mobile/Field';
import { Sheet } from '@/design/mobile/Sheet';
import type { Ward } from '../api';
import { useReading } from '../useReading';
import type { Entry } from './entry';
import { useText } from './text';
import { gone, type Part, parts, windowOf } from './times';

const nobody = 'none';

export function Check({
  entry: e,
  set,
  whom,
}: {
  entry: Entry;
  set: (patch: Partial<Entry>) => void;
  whom: Ward | undefined;
}) {
  const t = useText();
  const names = useCatalogNames();
  const now = useNow();
  const [timing, setTiming] = useState(false);
  // a service chosen from a tile is meant; only free words are read
  const free = e.spec === undefined || e.spec === '';
  const read = useReading(e.text).data;
  const guesses = (read?.guesses ?? []).filter((g) => g.spec && names.specOf(g.spec)).slice(0, 3);
  const first = read?.spec && read.certainty >= read.least ? read.spec : undefined;
  const [asked, setAsked] = useState(free);
  useEffect(() => {
    if (e.spec === undefined && first) set({ spec: first });
  }, [e.spec, first, set]);
  useEffect(() => {
    if (free) setAsked(true);
  }, [free]);
  const wished = e.from ?? (read?.wish_from ? new Date(read.wish_from).toISOString() : undefined);
  const until = e.to ?? (read?.wish_to ? new Date(read.wish_to).toISOString() : undefined);
  return (
    <>
      {read?.danger?.length ? <NoticeBar urgent>{t.danger}</NoticeBar> : null}
      {asked && guesses.length > 0 ? (
        <ChoiceCards
          label={t.meant}
          columns={1}
          value={e.spec || nobody}
          onChange={(v) => set({ spec: v === nobody ? '' : v })}
          choices={[
            ...guesses.map((g) => ({ value: g.spec as string, title: names.spec(g.spec as string) })),
            { value: nobody, title: t.noneMeant, note: t.noneNote },
          ]}
        />
      ) : null}
      <Card>
        {asked && guesses.length > 0 ? null : (
          <ListRow title={t.checkThing} end={e.spec ? names.spec(e.spec) : t.staffLooks} />
        )}
        {e.text ? <ListRow title={t.checkWords} note={e.text} /> : null}
        <ListRow title={t.checkWhom} end={whom ? (whom.self ? t.self : t.forWhom(whom.title)) : t.self} />
        <ListRow title={t.checkWhere} end={whom?.door ?? t.home} />
        <ListRow
          title={t.checkWhen}
          end={wished || until ? span(wished, until, now) : t.asap}
          onPress={() => setTiming(true)}
        />
      </Card>
      {timing ? (
        <WhenSheet
          now={now}
          onClose={() => setTiming(false)}
          onChoose={(w) => {
            set({ from: w?.from, to: w?.to });
            setTiming(false);
          }}
        />
      ) : null}
    </>
  );
}

/** As soon as possible, or a part of one of the next three days. */
function WhenSheet({
  now,
  onClose,
  onChoose,
}: {
  now: number;
  onClose: () => void;
  onChoose: (w: { from: string; to: string } | undefined) => void;
}) {
  const t = useText();
  const days: SlotDay[] = [t.today, t.tomorrow, t.dayAfter].map((title, n) => ({
    day: String(n),
    title,
    slots: (Object.keys(parts) as Part[]).map((p) => ({
      value: p,
      title: t.parts[p],
      note: gone(n, p, now) ? t.past : undefined,
      disabled: gone(n, p, now),
    })),
  }));
  const [value, setValue] = useState<{ day: string; slot?: string }>({ day: '0' });
  return (
    <Sheet
      title={t.pickTime}
      onClose={onClose}
      acts={
        <BigButton
          disabled={!value.slot}
          onPress={() => onChoose(windowOf(Number(value.day), value.slot as Part, now))}
        >
          {t.changeTime}
        </BigButton>
      }
    >
      <BigButton quiet onPress={() => onChoose(undefined)}>
        {t.asap}
      </BigButton>
      <SlotPicker label={t.orDay} days={days} value={value} onChange={setValue} />
    </Sheet>
  );
}
