// What is about to be told, with five seconds to take it back by 撤回 or Ctrl Z. Time stands still under pointer and focus.
import { App, Button } from 'antd';
import { useCallback, useEffect, useState } from 'react';
import { drop, pause, release, resume, useHeld } from '../held';
import { useText } from '../text';
import css from './dispatch.module.css';

export function HeldBar() {
  const t = useText();
  const { message } = App.useApp();
  const held = useHeld();
  const [left, setLeft] = useState(0);
  const undo = useCallback(() => {
    drop();
    void message.info(t.held.undone);
  }, [message, t]);
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
    addEventListener('keydown', onKey);
    return () => {
      clearInterval(id);
      removeEventListener('keydown', onKey);
    };
  }, [held, undo]);
  if (!held) return null;
  return (
    <div
      className={css.held}
      role="status"
      onPointerEnter={pause}
      onPointerLeave={resume}
      onFocus={pause}
      onBlur={resume}
    >
      <span>{held.words}</span>
      <small>{Number.isFinite(left) ? t.held.left(String(left)) : t.held.waits}</small>
      <Button size="small" onClick={undo} aria-keyshortcuts="Control+Z">
        {t.held.undo}
      </Button>
      <Button size="small" type="text" onClick={() => release()}>
        {t.held.now}
      </Button>
    </div>
  );
}
