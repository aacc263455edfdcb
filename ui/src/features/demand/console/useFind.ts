import { useCallback, useEffect, useRef, useState } from 'react';

/** Asks the server while one types: 250 ms after the last key, the newest question only. */
export function useFind<T>(ask: (q: string, signal: AbortSignal) => Promise<{ items: T[] }>) {
  const [found, setFound] = useState<T[]>([]);
  const [busy, setBusy] = useState(false);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const running = useRef<AbortController>(undefined);
  const stop = useCallback(() => {
    clearTimeout(timer.current);
    running.current?.abort();
  }, []);
  useEffect(() => stop, [stop]);
  const find = useCallback(
    (q: string) => {
      stop();
      const words = q.trim();
      if (words === '') return setFound([]);
      timer.current = setTimeout(() => {
        const mine = new AbortController();
        running.current = mine;
        setBusy(true);
        ask(words, mine.signal)
          .then((r) => setFound(r.items))
          .catch(() => mine.signal.aborted || setFound([]))
          .finally(() => setBusy(false));
      }, 250);
    },
    [ask, stop],
  );
  return { found, busy, find };
}
