import { useSyncExternalStore } from 'react';

/**
 * The time of the server, which is the time of every deadline. In a demonstration the
 * server's clock may run faster than ours, so both its offset and its rate are followed
 * from tick to tick. One timer serves every countdown on the page.
 */
let base = kept();
let shown = serverNow();
const listeners = new Set<() => void>();
let timer: ReturnType<typeof setInterval> | undefined;

/** What this tab learned before the page was loaded anew, so that nothing shows our own clock meanwhile. */
function kept(): { server: number; local: number; rate: number } {
  try {
    const b = JSON.parse(sessionStorage.getItem('linli.clock') ?? '');
    if ([b.server, b.local, b.rate].every(Number.isFinite)) return b;
  } catch {}
  return { server: Date.now(), local: Date.now(), rate: 1 };
}

/** The server's time now, in milliseconds since 1970. */
export function serverNow(): number {
  return base.server + (Date.now() - base.local) * base.rate;
}

/** Takes a moment the server just told (the `tick` of the live stream). */
export function setServerNow(server: number, local = Date.now()): void {
  const dt = local - base.local;
  let rate = base.rate;
  if (dt > 2000) {
    const seen = (server - base.server) / dt;
    rate = seen > 0.8 && seen < 1.25 ? 1 : Math.min(Math.max(seen, 0), 100_000);
  }
  base = { server, local, rate };
  try {
    sessionStorage.setItem('linli.clock', JSON.stringify(base));
  } catch {}
  notify();
}

/** The server's time, told anew once a second. */
export function useNow(): number {
  return useSyncExternalStore(subscribe, () => shown);
}

/** The server's time in whole minutes, told only when the minute turns: for what need not be drawn every second. */
export function useMinute(): number {
  return useSyncExternalStore(subscribe, () => Math.floor(shown / 60_000) * 60_000);
}

function notify(): void {
  shown = Math.floor(serverNow() / 1000) * 1000;
  for (const f of listeners) f();
}

function subscribe(f: () => void): () => void {
  listeners.add(f);
  if (!timer) {
    notify();
    timer = setInterval(notify, 1000);
  }
  return () => {
    listeners.delete(f);
    if (listeners.size === 0) {
      clearInterval(timer);
      timer = undefined;
    }
  };
}
