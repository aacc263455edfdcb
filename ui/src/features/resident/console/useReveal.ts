import { useCallback, useEffect, useState } from 'react';
import { useActWords } from '@/design/console';
import { type Resident, reveal } from '../api';

/** How long opened data stays on the screen, by the clock on the wall. */
const shownFor = 60_000;

/**
 * Opens what is sealed about one person for a minute; the server writes the look and its
 * reason into the audit trail. Nothing of it enters the cache.
 */
export function useReveal(id: string) {
  const { failed } = useActWords();
  const [shown, setShown] = useState<{ person: Resident; until: number }>();
  const [left, setLeft] = useState(0);
  const hide = useCallback(() => setShown(undefined), []);
  useEffect(() => {
    if (!shown) return;
    const tick = () => {
      const ms = shown.until - Date.now();
      if (ms <= 0) hide();
      else setLeft(Math.ceil(ms / 1000));
    };
    tick();
    const timer = setInterval(tick, 500);
    return () => clearInterval(timer);
  }, [shown, hide]);
  const open = async (reason: string, fields?: string[]) => {
    try {
      const person = await reveal(id, reason, fields);
      setShown({ person, until: Date.now() + shownFor });
      return person;
    } catch (err) {
      failed(err);
      return undefined;
    }
  };
  return { person: shown?.person, left, open, hide };
}
