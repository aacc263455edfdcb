// Reads a text aloud with a voice of this phone; without one it shows nothing, because other voices send the text away.
import { useEffect, useState } from 'react';
import { useLang } from '@/i18n';
import { Icon } from '../core';
import css from './mobile.module.css';
import { useText } from './text';

export function ReadAloud({ text }: { text: string }) {
  const t = useText();
  const lang = useLang();
  const [voice, setVoice] = useState<SpeechSynthesisVoice>();
  const [on, setOn] = useState(false);
  useEffect(() => {
    const s = globalThis.speechSynthesis;
    if (!s) return;
    const find = () =>
      setVoice(s.getVoices().find((v) => v.localService && v.lang.startsWith(lang === 'zh' ? 'zh' : 'en')));
    find();
    s.addEventListener?.('voiceschanged', find);
    return () => {
      s.removeEventListener?.('voiceschanged', find);
      s.cancel();
    };
  }, [lang]);
  if (!voice) return null;
  return (
    <button
      type="button"
      className={css.read}
      aria-pressed={on}
      onClick={() => {
        speechSynthesis.cancel();
        if (on) {
          setOn(false);
          return;
        }
        const u = new SpeechSynthesisUtterance(text);
        u.voice = voice;
        u.rate = 0.9;
        u.onend = () => setOn(false);
        setOn(true);
        speechSynthesis.speak(u);
      }}
    >
      <Icon name="sound" size="1.2em" />
      {on ? t.readStop : t.readAloud}
    </button>
  );
}
