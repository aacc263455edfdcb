// Search palette: people, orders, addresses, pages. ↑↓ choose, Enter opens, Escape closes.
import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useDeferredValue, useEffect, useRef, useState } from 'react';
import { useMay } from '@/api/me';
import type { Hit } from '@/design/console/frame';
import { Icon } from '@/design/core';
import { useLang } from '@/i18n';
import { useFeatures, useMenu } from './menu';
import css from './shell.module.css';
import { useText } from './text';

export function Palette({ onClose }: { onClose: () => void }) {
  const t = useText().palette;
  const [words, setWords] = useState('');
  const [chosen, setChosen] = useState(0);
  const dialog = useRef<HTMLDialogElement>(null);
  const navigate = useNavigate();
  const hits = useHits(words.trim());
  useEffect(() => dialog.current?.showModal(), []);
  const open = (h: Hit | undefined) => {
    if (!h) return;
    onClose();
    void navigate({ to: h.to });
  };
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: a press on the veil; the keyboard has Escape
    <dialog
      ref={dialog}
      className={css.palette}
      aria-label={t.title}
      onClose={onClose}
      onClick={(e) => {
        if (e.target === dialog.current) onClose();
      }}
    >
      <div className={css.paletteInput}>
        <Icon name="search" />
        <input
          autoFocus
          role="combobox"
          aria-expanded
          aria-controls="palette-hits"
          aria-activedescendant={hits[chosen] ? `hit-${chosen}` : undefined}
          aria-label={t.title}
          placeholder={t.placeholder}
          value={words}
          onChange={(e) => {
            setWords(e.target.value);
            setChosen(0);
          }}
          onKeyDown={(e) => {
            if (e.nativeEvent.isComposing) return; // Enter still belongs to the input method
            if (e.key === 'ArrowDown') setChosen(Math.min(hits.length - 1, chosen + 1));
            else if (e.key === 'ArrowUp') setChosen(Math.max(0, chosen - 1));
            else if (e.key === 'Enter') open(hits[chosen]);
            else return;
            e.preventDefault();
          }}
        />
      </div>
      <div id="palette-hits" role="listbox" aria-label={t.title} className={css.hits}>
        {hits.map((h, i) => (
          <div
            key={h.id}
            id={`hit-${i}`}
            role="option"
            tabIndex={-1}
            aria-selected={i === chosen}
            onPointerMove={() => setChosen(i)}
            onClick={() => open(h)}
            onKeyDown={(e) => e.key === 'Enter' && open(h)}
          >
            <Icon name={h.icon} size={18} />
            <span>{h.title}</span>
            {h.note ? <small>{h.note}</small> : null}
          </div>
        ))}
      </div>
      <p className={css.paletteFoot}>{words && hits.length === 0 ? t.nothing(words) : t.keys}</p>
    </dialog>
  );
}

/** Pages whose name fits, then what the features find. */
function useHits(words: string): Hit[] {
  const t = useText().palette;
  const lang = useLang();
  const may = useMay();
  const features = useFeatures();
  const pages: Hit[] = useMenu()
    .flatMap((g) => g.items)
    .filter((m) => `${m.zh} ${m.en}`.toLowerCase().includes(words.toLowerCase()))
    .map((m) => ({ id: `page ${m.path}`, title: m[lang], note: t.pages, icon: m.icon, to: m.path }));
  const asked = useDeferredValue(words);
  const enough = asked.length >= 2 || /[\u4e00-\u9fff]/.test(asked);
  const found = useQuery({
    queryKey: ['palette', asked],
    enabled: enough,
    staleTime: 10_000,
    queryFn: async ({ signal }) => {
      const asks = features.flatMap((f) => (f.search && may(f.search.permission) ? [f.search] : []));
      const answers = await Promise.allSettled(asks.map((s) => s.find(asked, signal)));
      return answers.flatMap((a) => (a.status === 'fulfilled' ? a.value : []));
    },
  });
  const hits = enough ? (found.data ?? []) : [];
  return words ? [...pages.slice(0, 4), ...hits.slice(0, 20)] : pages;
}
