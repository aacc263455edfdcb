// Why this choice, in words; and for each one not chosen the first thing that spoke against it.
import { useState } from 'react';
import { useBase } from '@/i18n/base';
import { Icon } from '../icons/Icon';
import core from './core.module.css';
import css from './figures.module.css';

export interface Reason {
  /** A sentence or phrase: 有助浴证. */
  text: string;
  /** Part of the score, shown small at the end of the line. */
  part?: string;
  /** Speaks against the choice all the same. */
  against?: boolean;
}

export function Why({
  reasons,
  refused,
  brief,
}: {
  reasons: Reason[];
  /** Who was not chosen and the first failed gate. */
  refused?: { name: string; because: string }[];
  /** One line of the strongest reasons, the rest on demand. */
  brief?: boolean;
}) {
  const t = useBase();
  const [open, setOpen] = useState(!brief);
  if (!open) {
    return (
      <span className={css.whyBrief}>
        {reasons
          .slice(0, 3)
          .map((r) => r.text)
          .join(t.list)}
        <button type="button" className={core.link} onClick={() => setOpen(true)}>
          {t.why}
        </button>
      </span>
    );
  }
  return (
    <div className={css.why}>
      <ul>
        {reasons.map((r) => (
          <li key={r.text} data-against={r.against}>
            <Icon name={r.against ? 'minus' : 'check'} size={16} />
            <span>{r.text}</span>
            {r.part ? <small>{r.part}</small> : null}
          </li>
        ))}
      </ul>
      {refused?.length ? (
        <>
          <p className={css.whyTitle}>{t.whyNot}</p>
          <dl>
            {refused.map((r) => (
              <div key={r.name + r.because}>
                <dt>{r.name}</dt>
                <dd>{r.because}</dd>
              </div>
            ))}
          </dl>
        </>
      ) : null}
    </div>
  );
}
