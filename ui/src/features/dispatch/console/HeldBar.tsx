// What is about to be told, with five seconds to take it back. 撤回 has the focus of the keyboard by Ctrl Z; leaving sends.
import { App, Button } from 'antd';
import { useEffect, useState } from 'react';
import { drop, release, useHeld } from '../held';
import { useText } from '../text';
import css from './dispatch.module.css';

export function HeldBar() {
  const t = useText();
  const { message } = App.useApp();
  const held = useHeld();
  const [left, setLeft] = useState(0);
  useEffect(() => {
    if (!held) return;
    const tell = () => setLeft(Math.max(1, Math.ceil((held.until - Date.now()) / 1000)));
    tell();
    const id = setInterval(tell, 250);
    const onKey = (e: KeyboardEvent) => {
      if (!(e.ctrlKey || e.metaKey) || e.key.toLowerCase() !== 'z') return;
      if (e.target instanceof HTMLInputElement || e.target instanceof HTMLTextAreaElement) return;
      e.preventDefault();
      undo();
    };
    const undo = () => {
      drop();
      void message.info(t.held.undone);
    };
    addEventListener('keydown', onKey);
    return () => {
      clearInterval(id);
      removeEventListener('keydown', onKey);
    };
  }, [held, message, t]);
  if (!held) return null;
  return (
    <div className={css.held} role="status">
      <span>{held.words}</span>
      <small>{t.held.left(String(left))}</small>
      <Button
        size="small"
        onClick={() => {
          drop();
          void message.info(t.held.undone);
        }}
        aria-keyshortcuts="Control+Z"
      >
        {t.held.undo}
      </Button>
      <Button size="small" type="text" onClick={() => release()}>
        {t.held.now}
      </Button>
    </div>
  );
}
