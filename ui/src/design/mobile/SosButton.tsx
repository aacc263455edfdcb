// Emergency call: one tap sends; for 10 s the whole screen is a cancel button. Enter works like a tap.
import { useEffect, useState } from 'react';
import { Icon } from '../core';
import css from './mobile.module.css';
import { useText } from './text';

export function SosButton({ onSend, onCancel }: { onSend: () => void; onCancel: () => void }) {
  const t = useText();
  const [left, setLeft] = useState<number>();
  const [gone, setGone] = useState(false);
  useEffect(() => {
    if (left === undefined) return;
    if (left === 0) {
      setLeft(undefined);
      return;
    }
    const id = setTimeout(() => setLeft(left - 1), 1000);
    return () => clearTimeout(id);
  }, [left]);
  return (
    <>
      <button
        type="button"
        className={css.sos}
        onClick={() => {
          setGone(false);
          setLeft(10);
          onSend();
        }}
      >
        <Icon name="phone" size="1.4em" />
        <span>{t.sos}</span>
      </button>
      {gone ? <p role="status">{t.sosGone}</p> : null}
      {left !== undefined ? (
        <div className={css.sosScreen} role="alertdialog" aria-label={t.sos}>
          <p>{t.sosSent}</p>
          <button
            type="button"
            autoFocus
            onClick={() => {
              setLeft(undefined);
              setGone(true);
              onCancel();
            }}
          >
            {t.sosCancel(left)}
          </button>
        </div>
      ) : null}
    </>
  );
}
