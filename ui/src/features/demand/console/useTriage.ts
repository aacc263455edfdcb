import { useState } from 'react';
import { useActWords } from '@/design/console';
import { type Deed, type Detail, type Guess, type Triage, useDeed } from '../api';
import { best } from '../words';
import { useText } from './text';
import { useNames } from './useNames';

export type Mode = 'order' | 'refer' | 'answer';

export interface Draft {
  mode: Mode;
  spec?: string;
  office?: string;
  place?: string;
  resident?: string;
  from?: string;
  to?: string;
  urgency: number;
  outcome: 'answered' | 'unlawful';
  note: string;
}

/** What a clerk starts from: everything that was read or said already. */
export function draftOf(d: Detail): Draft {
  const guess = best(d.read);
  const office = d.office ?? (d.spec ? undefined : guess?.office);
  return {
    mode: office ? 'refer' : 'order',
    spec: d.spec ?? guess?.spec,
    office,
    // a street is where everything lies; it answers no "where"
    place: d.place.split('/').length >= 3 ? d.place : undefined,
    resident: d.resident,
    from: d.wish_from,
    to: d.wish_to,
    urgency: d.urgency,
    outcome: 'answered',
    note: '',
  };
}

/** Only what the clerk changed, with the revision that was looked at. */
export function triageOf(d: Detail, f: Draft): Triage {
  const rev = d.rev;
  if (f.mode === 'refer') return { refer: f.office, rev };
  const changed = <T>(now: T, was: T) => (now !== was ? now : undefined);
  const wished = f.from !== d.wish_from || f.to !== d.wish_to;
  return {
    spec: f.spec,
    place: changed(f.place, d.place),
    for_resident: changed(f.resident, d.resident),
    wish_from: wished ? f.from : undefined,
    wish_to: wished ? f.to : undefined,
    urgency: changed(f.urgency, d.urgency),
    rev,
  };
}

/** Whether the chosen way can be taken now. */
export const ready = (f: Draft): boolean =>
  f.mode === 'order' ? Boolean(f.spec) : f.mode === 'refer' ? Boolean(f.office) : true;

/** States in which a clerk decides what becomes of a demand. */
export const sortable = (d: Detail): boolean =>
  d.state === 'queued' || d.state === 'hint' || d.state === 'referred' || d.state === 'new';

/** The decision being made on one demand, and how it is carried out. */
export function useTriage(d: Detail) {
  const t = useText();
  const names = useNames();
  const say = useActWords();
  const act = useDeed();
  const [draft, setDraft] = useState(() => draftOf(d));
  const set = (patch: Partial<Draft>) => setDraft((f) => ({ ...f, ...patch }));

  const run = (deed: Deed, words: string, after?: () => void) =>
    act.mutate(
      { id: d.id, deed },
      {
        onSuccess: () => {
          say.done(words);
          after?.();
        },
        onError: say.failed,
      },
    );
  const decide = (after?: () => void) => {
    if (draft.mode === 'answer') {
      const note = draft.note.trim() || undefined;
      run({ do: 'close', body: { outcome: draft.outcome, note, rev: d.rev } }, t.did.answer, after);
      return;
    }
    const words = draft.mode === 'refer' ? t.did.refer(names.office(draft.office ?? '')) : t.did.order;
    run({ do: 'triage', body: triageOf(d, draft) }, words, after);
  };
  const use = (g: Guess) =>
    set(g.spec ? { mode: 'order', spec: g.spec } : { mode: 'refer', office: g.office });
  return { draft, set, use, run, decide, busy: act.isPending };
}

export type TriageHandle = ReturnType<typeof useTriage>;
