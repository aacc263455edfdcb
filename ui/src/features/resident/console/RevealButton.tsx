// Asks why before anything sealed is shown. A press on a reason is enough; another may be typed. Escape leaves.
import { Button, Input } from 'antd';
import { useState } from 'react';
import { Popover } from '@/design/core';
import { useBase } from '@/i18n/base';
import css from './resident.module.css';
import { useText } from './text';

export function RevealButton({
  onReveal,
  text,
  title,
}: {
  onReveal: (reason: string) => void;
  text?: string;
  title?: string;
}) {
  const t = useText().reveal;
  return (
    <Popover text={text ?? t.act} label={title ?? t.title}>
      {(close) => (
        <Reasons
          title={title ?? t.title}
          go={text ?? t.go}
          note={t.note}
          onGive={(reason) => {
            close();
            onReveal(reason);
          }}
        />
      )}
    </Popover>
  );
}

/** The usual reasons as buttons, and a line for another. */
export function Reasons({
  title,
  go,
  note,
  onGive,
}: {
  title?: string;
  go: string;
  /** What giving a reason means. */
  note: string;
  onGive: (reason: string) => void;
}) {
  const t = useText().reveal;
  const base = useBase().reveal;
  const [own, setOwn] = useState('');
  const words = own.trim();
  return (
    <div className={css.reasons}>
      {title ? <p>{title}</p> : null}
      <div className={css.usual}>
        {base.reasons.map((r) => (
          <button type="button" key={r} onClick={() => onGive(r)}>
            {r}
          </button>
        ))}
      </div>
      <Input.Search
        aria-label={t.own}
        placeholder={t.own}
        maxLength={200}
        enterButton={
          <Button type="default" disabled={words.length < 4}>
            {go}
          </Button>
        }
        value={own}
        onChange={(e) => setOwn(e.target.value)}
        onSearch={() => words.length >= 4 && onGive(words)}
      />
      <small>{note}</small>
    </div>
  );
}
