// A person's name as the server gave it: masked until somebody with the right gives a reason. Enter and Escape work.
import { useEffect, useState } from 'react';
import { useBase } from '@/i18n/base';
import css from './core.module.css';
import { Popover } from './Popover';

export function PersonName({
  name,
  note,
  onReveal,
}: {
  /** The name, masked by the server where the viewer may not see it: 王女士. */
  name: string;
  /** A word or two beside it: 82 岁 · 独居. */
  note?: string;
  /** Present when the viewer may unmask: takes the reason, gives the full name. */
  onReveal?: (reason: string) => Promise<string>;
}) {
  const t = useBase();
  const [shown, setShown] = useState<string>();
  useEffect(() => {
    if (shown === undefined) return;
    const id = setTimeout(() => setShown(undefined), 60_000);
    return () => clearTimeout(id);
  }, [shown]);
  return (
    <span className={css.person}>
      <span>{shown ?? name}</span>
      {note ? <small>{note}</small> : null}
      {onReveal && shown === undefined ? (
        <Popover label={t.view} text={t.view} quiet>
          {(close) => (
            <div className={css.reveal}>
              <p>{t.reveal.ask}</p>
              {t.reveal.reasons.map((r) => (
                <button
                  type="button"
                  key={r}
                  className={css.choice}
                  onClick={() => {
                    close();
                    void onReveal(r).then(setShown);
                  }}
                >
                  {r}
                </button>
              ))}
              <small>{t.reveal.shown}</small>
            </div>
          )}
        </Popover>
      ) : null}
    </span>
  );
}
