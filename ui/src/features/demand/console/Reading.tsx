// What was read from a text: the service meant with how sure that is, the words that decided, time, place, urgency. Guesses are buttons.
import { Button } from 'antd';
import { Icon } from '@/design/core';
import { span } from '@/design/format';
import { useBase } from '@/i18n/base';
import type { Guess, Understanding } from '../api';
import { useText as useWords } from '../text';
import { best, certaintyOf, deciding } from '../words';
import css from './demand.module.css';
import { useText } from './text';
import { useNames } from './useNames';

export function Reading({ read: u, onUse }: { read: Understanding; onUse?: (g: Guess) => void }) {
  const t = useText();
  const w = useWords();
  const names = useNames();
  const first = best(u);
  const why = deciding(u);
  const others = (u.guesses ?? []).filter((g) => g.spec !== first?.spec || g.office !== first?.office);
  const facts: [string, string][] = [];
  if (u.place) facts.push([t.readPlace, names.town.door(u.place)]);
  if (u.wish_from || u.wish_to) facts.push([t.readWish, span(u.wish_from, u.wish_to)]);
  else if (u.soon) facts.push([t.readWish, t.soon]);
  if (u.urgency !== 1) facts.push([t.readUrgency, w.urgency[u.urgency] ?? '']);
  return (
    <div className={css.reading}>
      {first ? (
        <p className={css.meant}>
          <strong>{names.meant(first)}</strong>
          <span>{t.certainty[certaintyOf(first.p, u.least)]}</span>
        </p>
      ) : (
        <p>{t.guessNone}</p>
      )}
      {why.for.length > 0 ? (
        <p className={css.because}>
          <span>{t.becauseOf}</span>
          {why.for.map((x) => (
            <mark key={x} data-kind="for">
              {x}
            </mark>
          ))}
          {why.taught ? <small>{t.taughtMark}</small> : null}
        </p>
      ) : null}
      {why.against.length > 0 ? (
        <p className={css.because}>
          <span>{t.butFor}</span>
          {why.against.map((x) => (
            <mark key={x} data-kind="against">
              {x}
            </mark>
          ))}
        </p>
      ) : null}
      {facts.map(([k, v]) => (
        <p key={k} className={css.because}>
          <span>{k}</span>
          {v}
        </p>
      ))}
      {onUse && others.length > 0 ? (
        <div className={css.guesses}>
          {others.map((g) => (
            <Button key={`${g.spec}${g.office}`} size="small" onClick={() => onUse(g)}>
              {names.meant(g)}
            </Button>
          ))}
        </div>
      ) : null}
    </div>
  );
}

/** Words of danger over everything else of a demand, until somebody has looked. */
export function DangerBar({ words, act }: { words: string[]; act?: React.ReactNode }) {
  const t = useText();
  return (
    <div className={css.danger} role="alert">
      <Icon name="warn" size={18} />
      <span>{t.dangerWords(words.join(useBase().list))}</span>
      {act}
    </div>
  );
}
