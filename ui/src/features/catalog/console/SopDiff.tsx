// What a version changes against the published one: steps added, removed and changed, the old wording struck through. Text only.
import { Panel } from '@/design/console';
import { StatePanel } from '@/design/core';
import { useLang } from '@/i18n';
import type { SopText, Step } from '../api';
import { type Change, compare, type Field, headChanges } from '../diff';
import { useText } from '../text';
import css from './catalog.module.css';
import { useNames } from './marks';
import { minutesWords } from './SlaTab';

export function SopDiff({ before, after }: { before: SopText; after: SopText }) {
  const t = useText().sop;
  const lang = useLang();
  const heads = headChanges(before, after);
  const changes = compare(before.steps, after.steps);
  if (heads.length === 0 && changes.every((c) => c.kind === 'same')) {
    return (
      <Panel>
        <StatePanel state="empty" title={t.same} />
      </Panel>
    );
  }
  return (
    <Panel flush>
      <ol className={css.diff}>
        {heads.map((h) => (
          <li key={h.field} data-kind="changed">
            <span>{t.changed}</span>
            <div>
              <p>{t.fields[h.field] ?? t.about}</p>
              <Pair before={h.before} after={h.after} />
            </div>
          </li>
        ))}
        {changes.map((c) => (
          <li key={`${c.from} ${c.to}`} data-kind={c.kind}>
            <span>{c.kind === 'same' ? '' : t[c.kind]}</span>
            <div>
              <p>
                {c.to ?? c.from}. {(c.after ?? c.before)?.[lang]}
              </p>
              <Fields change={c} />
            </div>
          </li>
        ))}
      </ol>
    </Panel>
  );
}

function Fields({ change: c }: { change: Change }) {
  const t = useText().sop;
  const words = useFieldWords();
  const { before, after } = c;
  if (c.kind !== 'changed' || !before || !after) return null;
  return (
    <dl>
      {c.fields.map((f) => (
        <div key={f}>
          <dt>{t.fields[f]}</dt>
          <dd>
            <Pair before={words(before, f)} after={words(after, f)} />
          </dd>
        </div>
      ))}
    </dl>
  );
}

function Pair({ before, after }: { before: string; after: string }) {
  return (
    <>
      {before ? <del>{before}</del> : null} {after ? <ins>{after}</ins> : null}
    </>
  );
}

/** The value of a field in words. */
function useFieldWords() {
  const t = useText().sop;
  const names = useNames();
  return (s: Step, f: Field): string => {
    if (f === 'owner') return names.role(s.owner);
    if (f === 'limit_min') return s.limit_min ? minutesWords(s.limit_min) : t.noLimit;
    if (f === 'evidence') return t.evidences[s.evidence ?? ''] ?? '';
    if (f === 'required') return s.required ? t.yes : t.no_;
    return s[f] ?? '';
  };
}
