// Records speech: one tap starts, one tap ends; nothing needs to be held down. Shows nothing where recording is impossible.
import { useEffect, useRef, useState } from 'react';
import { Icon } from '../core';
import css from './mobile.module.css';
import { useText } from './text';

/** Recording needs a secure page and a browser that can. */
export function canRecord(): boolean {
  return typeof MediaRecorder !== 'undefined' && Boolean(navigator.mediaDevices?.getUserMedia);
}

export function VoiceButton({ onRecorded, max = 60 }: { onRecorded: (sound: Blob) => void; max?: number }) {
  const t = useText();
  const [seconds, setSeconds] = useState<number>();
  const [denied, setDenied] = useState(false);
  const recorder = useRef<MediaRecorder>(undefined);

  useEffect(() => {
    if (seconds === undefined) return;
    if (seconds >= max) {
      recorder.current?.stop();
      return;
    }
    const id = setTimeout(() => setSeconds(seconds + 1), 1000);
    return () => clearTimeout(id);
  }, [seconds, max]);
  useEffect(
    () => () => {
      for (const track of recorder.current?.stream.getTracks() ?? []) track.stop();
    },
    [],
  );

  if (!canRecord()) return null;
  const start = async () => {
    try {
      const stream = await navigator.mediaDevices.getUserMedia({ audio: true });
      const r = new MediaRecorder(stream);
      const parts: Blob[] = [];
      r.ondataavailable = (e) => parts.push(e.data);
      r.onstop = () => {
        for (const track of stream.getTracks()) track.stop();
        setSeconds(undefined);
        onRecorded(new Blob(parts, { type: r.mimeType }));
      };
      recorder.current = r;
      r.start();
      setSeconds(0);
    } catch {
      setDenied(true);
    }
  };
  return (
    <div className={css.voice}>
      <button
        type="button"
        data-on={seconds !== undefined}
        aria-pressed={seconds !== undefined}
        onClick={() => (seconds === undefined ? void start() : recorder.current?.stop())}
      >
        <Icon name="mic" size="1.6em" />
        <span>{seconds === undefined ? t.speak : t.speaking(seconds)}</span>
      </button>
      {denied ? <p role="alert">{t.noMic}</p> : null}
    </div>
  );
}
