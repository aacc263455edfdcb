// Asking for help in two steps: say what, then see what was understood and send. A killed page loses nothing; without network it waits on the phone.
import { useEffect, useState } from 'react';
import { dutyPhone } from '@/api/duty';
import { useCatalogNames } from '@/api/names';
import { answerOf, discard, dropDraft, enqueueAll, loadDraft, saveDraft, useOutbox } from '@/api/outbox';
import { NoticeBar } from '@/design/mobile/Bars';
import { BigButton, CallButton } from '@/design/mobile/Button';
import { ChoiceCards, Field } from '@/design/mobile/Field';
import { Page } from '@/design/mobile/Page';
import { PhotoPick } from '@/design/mobile/PhotoPick';
import { go, goBack, useHere } from '@/design/mobile/router';
import { pick, useLang } from '@/i18n';
import { type Raise, usePeople } from '../api';
import { Check } from './Check';
import type { Entry } from './entry';
import { groups, isGroup } from './groups';
import { subject } from './subject';
import { useText } from './text';

const blank: Entry = { text: '', photos: [] };
const other = 'other';
export function NewPage() {
  const t = useText();
  const lang = useLang();
  const { search } = useHere();
  const of = search.get('of');
  const group = isGroup(of) ? of : undefined;
  const draft = `demand.new.${group ?? ''}`;
  const names = useCatalogNames();
  const people = usePeople();
  const [e, setEntry] = useState<Entry>(() => ({ ...blank, spec: group ? groups[group][0] : undefined }));
  const [restored, setRestored] = useState(false);
  const [busy, setBusy] = useState(false);
  const held = useOutbox(subject);
  const refused = held.find((c) => c.refused)?.refused;
  const set = (patch: Partial<Entry>) => setEntry((old) => ({ ...old, ...patch }));
  const step = search.get('step') === 'check' ? 'check' : 'say';
  const ready = e.text.trim() !== '' || Boolean(e.spec) || e.photos.length > 0;

  useEffect(() => {
    void loadDraft<Entry>(draft).then((d) => {
      if (!d?.text && !d?.photos?.length) return;
      setEntry(d);
      setRestored(true);
    });
  }, [draft]);
  useEffect(() => {
    const id = setTimeout(() => void saveDraft(draft, e), 400);
    return () => clearTimeout(id);
  }, [draft, e]);

  const send = async () => {
    setBusy(true);
    await Promise.all(held.map((c) => discard(c.id))); // what was refused is sent anew as a whole
    const body: Raise = {
      text: e.text.trim() || undefined,
      spec: e.spec || undefined,
      for_resident: e.whom,
      wish_from: e.from,
      wish_to: e.to,
      photos: e.photos.length ? e.photos.map((_, i) => answerOf(i)) : undefined,
    };
    const how = await enqueueAll([
      ...e.photos.map((file) => ({ subject, method: 'POST' as const, path: '/api/v1/demands/photos', file })),
      { subject, method: 'POST' as const, path: '/api/v1/demands', body },
    ]);
    setBusy(false);
    if (how === 'refused') return;
    await dropDraft(draft);
    go('/h/orders?new=1', { replace: true });
  };

  const notices = refused ? <NoticeBar urgent>{t.refused(pick(refused, lang))}</NoticeBar> : null;
  const call = <CallButton phone={dutyPhone} compact />;
  const forWhom = people.find((p) => p.id === (e.whom ?? people[0]?.id));

  if (step === 'check' && ready) {
    return (
      <Page
        title={t.check}
        back={() => goBack('/h/demand/new')}
        call={call}
        acts={
          <BigButton busy={busy} onPress={() => void send()}>
            {t.send}
          </BigButton>
        }
      >
        {notices}
        <Check entry={e} set={set} whom={forWhom} />
      </Page>
    );
  }
  return (
    <Page
      title={group ? t.tiles[group]?.[0] : t.title}
      back={() => goBack('/h')}
      call={call}
      acts={
        <BigButton
          disabled={!ready}
          onPress={() => go(`/h/demand/new?${group ? `of=${group}&` : ''}step=check`)}
        >
          {t.next}
        </BigButton>
      }
    >
      {notices}
      {restored ? <NoticeBar>{t.restored}</NoticeBar> : null}
      {group ? (
        <ChoiceCards
          label={t.which}
          columns={1}
          value={e.spec || other}
          onChange={(v) => set({ spec: v === other ? '' : v })}
          choices={[
            ...groups[group].map((code) => {
              const s = names.specOf(code);
              return { value: code, title: names.spec(code), note: s ? pick(about(s), lang) : undefined };
            }),
            { value: other, title: t.otherThing, note: t.otherNote },
          ]}
        />
      ) : null}
      <Field
        label={group && e.spec ? t.more : t.what}
        optional={Boolean(group && e.spec)}
        hint={group && e.spec ? undefined : t.whatHint}
        lines={group && e.spec ? 2 : 4}
        maxLength={500}
        value={e.text}
        onChange={(text) => set({ text })}
      />
      {people.length > 1 ? (
        <ChoiceCards
          label={t.whom}
          columns={1}
          value={e.whom ?? people[0]?.id}
          onChange={(whom) => set({ whom })}
          choices={people.map((p) => ({
            value: p.id,
            title: p.self ? t.self : t.forWhom(p.title),
            note: p.door,
          }))}
        />
      ) : null}
      <PhotoPick label={t.photos} photos={e.photos} onChange={(photos) => set({ photos })} />
    </Page>
  );
}

const about = (s: { about_zh?: string; about_en?: string }) => ({ zh: s.about_zh, en: s.about_en });
