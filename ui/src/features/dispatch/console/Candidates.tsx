// Who could go now, the best three first with their reasons; behind a line those who cannot, by the first gate that fails.
import { Button } from 'antd';
import { useState } from 'react';
import { useNow } from '@/design/clock';
import { PersonName } from '@/design/core';
import { count } from '@/design/format';
import type { Option, Why } from '../api';
import { useText } from '../text';
import { groupRefused, type Names, priceLine, tellingLines } from '../words';
import css from './dispatch.module.css';

export function Candidates({
  why,
  names,
  current,
  onChoose,
}: {
  why: Why;
  names: Names;
  /** Whoever has the order now. */
  current?: string;
  /** Left out for those who only look. */
  onChoose?: (o: Option) => void;
}) {
  const t = useText();
  const now = useNow();
  const [shown, setShown] = useState(3);
  const first = why.options.find((o) => o.worker !== current)?.worker;
  return (
    <>
      <ol className={css.options}>
        {why.options.slice(0, shown).map((o) => (
          <li key={o.worker}>
            <div>
              <PersonName
                name={o.name}
                note={o.worker === current ? t.current : o.with ? t.withTwo(names.worker(o.with)) : undefined}
              />
              <p>{priceLine(o, t, now)}</p>
              <small>
                {tellingLines(o.reasons, names, t)
                  .map((r) => r.text)
                  .join(t.comma)}
              </small>
            </div>
            {onChoose && o.worker !== current ? (
              <Button
                type={o.worker === first && !current ? 'primary' : 'default'}
                onClick={() => onChoose(o)}
              >
                {current ? t.move : t.send}
              </Button>
            ) : null}
          </li>
        ))}
      </ol>
      {why.options.length > shown ? (
        <button type="button" className={css.link} onClick={() => setShown(why.options.length)}>
          {t.more(count(why.options.length - shown))}
        </button>
      ) : null}
      <Others why={why} names={names} />
    </>
  );
}

/** Those who cannot go, grouped; the names open on demand. */
export function Others({ why, names }: { why: Why; names: Names }) {
  const t = useText();
  if (why.others.length === 0) return null;
  return (
    <details className={css.others}>
      <summary>{t.cannot(count(why.others.length))}</summary>
      <dl>
        {groupRefused(why.others, names, t).map((g) => (
          <div key={g.because}>
            <dt>{g.because}</dt>
            <dd>{g.who.map((r) => r.name).join(t.list)}</dd>
          </div>
        ))}
      </dl>
    </details>
  );
}
