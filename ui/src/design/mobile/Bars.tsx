// Lines over the page: news that must not move what is under the finger, and the state of the network.
import { type ReactNode, useEffect, useState } from 'react';
import { useOutbox } from '@/api/outboxState';
import { useBase } from '@/i18n/base';
import { Icon } from '../core';
import css from './mobile.module.css';
import { useText } from './text';

/** A message in the page; `onPress` makes the whole of it a button, e.g. to show what is new. */
export function NoticeBar({
  children,
  onPress,
  urgent,
}: {
  children: ReactNode;
  onPress?: () => void;
  urgent?: boolean;
}) {
  return (
    <div className={css.notice} role={urgent ? 'alert' : 'status'}>
      {onPress ? (
        <button type="button" onClick={onPress}>
          {children}
        </button>
      ) : (
        children
      )}
    </div>
  );
}

/** New rows wait behind this, so that nothing jumps while somebody reads or presses. */
export function NewBar({ count, onShow }: { count: number; onShow: () => void }) {
  const t = useText();
  return count > 0 ? <NoticeBar onPress={onShow}>{t.newMessages(count)}</NoticeBar> : null;
}

/** Whether the browser believes to be online; false at once, true when it says so. */
export function useOnline(): boolean {
  const [online, setOnline] = useState(navigator.onLine);
  useEffect(() => {
    const set = () => setOnline(navigator.onLine);
    addEventListener('online', set);
    addEventListener('offline', set);
    return () => {
      removeEventListener('online', set);
      removeEventListener('offline', set);
    };
  }, []);
  return online;
}

/** No network, or things that still wait on this phone. */
export function OfflineBar() {
  const t = useBase();
  const online = useOnline();
  const waiting = useOutbox().length;
  if (online && waiting === 0) return null;
  return (
    <div className={css.offline} role="status" data-testid="state-offline">
      <Icon name={online ? 'upload' : 'wifiOff'} size="1.1em" />
      {online ? t.waiting(waiting) : t.offline(waiting)}
    </div>
  );
}

/** On a row whose act has not reached the server yet. */
export function Unsent({ subject }: { subject: string }) {
  const t = useBase();
  return useOutbox(subject).length > 0 ? <span className={css.unsent}>{t.unsent}</span> : null;
}
