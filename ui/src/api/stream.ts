import { useSyncExternalStore } from 'react';
import { serverNow, setServerNow } from '@/design/clock';
import { Pump, type PumpMessage } from './pump';

/** Something that happened on the server: ids and states, never personal fields. */
export interface LiveEvent {
  id: string;
  /** "<slice>.<verb>" or "<slice>.<noun>.<verb>", or `reset` when too much was missed. */
  name: string;
  key: string;
  place: string;
  at: string | number;
  data: Record<string, unknown>;
}

export type LiveState = 'off' | 'connecting' | 'live' | 'stale';

const listeners = new Set<(e: LiveEvent) => void>();
const watchers = new Set<() => void>();
let state: LiveState = 'off';
let lastHeard = 0; // local time of the last frame
let lastServer = 0; // server time at the last frame
let reopen: (() => void) | undefined;
let close: (() => void) | undefined;

/** Without a frame for this long the figures on screen count as stale. */
const staleAfter = 10_000;

/** Hears every event of the stream. Returns how to stop hearing. */
export function onLive(f: (e: LiveEvent) => void): () => void {
  listeners.add(f);
  return () => listeners.delete(f);
}

/** How it stands with the stream, and the server time of the last sign of life. */
export function useStream(): { state: LiveState; lastAt: number } {
  const s = useSyncExternalStore(
    (f) => {
      watchers.add(f);
      return () => watchers.delete(f);
    },
    () => state,
  );
  return { state: s, lastAt: lastServer };
}

/** Opens the stream for the person just signed in, or again for another person. */
export function startStream(): void {
  if (reopen) {
    reopen();
    return;
  }
  if (typeof SharedWorker === 'undefined') hereOnly();
  else shared();
  setInterval(() => {
    if (state === 'live' && Date.now() - lastHeard > staleAfter) become('stale');
  }, 1000);
}

/** Closes the stream when nobody is signed in any more. */
export function stopStream(): void {
  close?.();
  become('off');
}

function shared(): void {
  const worker = new SharedWorker(new URL('./stream.worker.ts', import.meta.url), {
    type: 'module',
    name: 'linli-live',
  });
  worker.port.onmessage = (m: MessageEvent<PumpMessage>) => take(m.data);
  worker.port.start();
  worker.port.postMessage('open');
  reopen = () => worker.port.postMessage('reopen');
  close = () => worker.port.postMessage('close');
  addEventListener('pagehide', () => worker.port.postMessage('close'));
  addEventListener('pageshow', (e) => {
    if (e.persisted) worker.port.postMessage('open');
  });
}

/** Browsers of phones have no SharedWorker: the visible page holds the stream. */
function hereOnly(): void {
  const pump = new Pump('/api/v1/live', take);
  pump.open();
  reopen = () => pump.reopen(true);
  close = () => pump.close();
  document.addEventListener('visibilitychange', () => {
    if (document.hidden) pump.close();
    else if (state !== 'off') pump.open();
  });
}

function take(m: PumpMessage): void {
  if (m.kind === 'state') {
    if (m.state === 'live') {
      lastHeard = Date.now();
      become('live');
    } else if (m.state === 'signed-out') become('off');
    else become(lastHeard ? 'stale' : 'connecting');
    return;
  }
  lastHeard = Date.now();
  let data: Record<string, unknown> = {};
  try {
    data = JSON.parse(m.frame.data || '{}') as Record<string, unknown>;
  } catch {
    return; // a frame we cannot read changes nothing
  }
  if (m.frame.event === 'tick') {
    const now = typeof data.now === 'string' ? Date.parse(data.now) : Number(data.now);
    if (Number.isFinite(now)) setServerNow(now);
  }
  lastServer = serverNow();
  become('live');
  if (m.frame.event === 'tick') return;
  const e = {
    place: '',
    at: 0,
    data: {},
    ...data,
    id: m.frame.id || String(data.id ?? ''),
    key: String(data.key ?? ''),
    name: m.frame.event,
  } as LiveEvent;
  for (const f of listeners) f(e);
}

function become(next: LiveState): void {
  if (state === next) return;
  state = next;
  for (const f of watchers) f();
}
