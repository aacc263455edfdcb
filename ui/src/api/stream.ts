import { serverNow, setServerNow } from '@/design/clock';
import { Pump, type PumpMessage } from './pump';
import { become, type LiveEvent, streamState, tell } from './streamState';

export * from './streamState';

let lastHeard = 0; // local time of the last frame
let reopen: (() => void) | undefined;
let close: (() => void) | undefined;

/** Without a frame for this long the figures on screen count as stale. */
const staleAfter = 10_000;

/** Opens the stream for the person just signed in, or again for another person. */
export function startStream(): void {
  if (reopen) {
    reopen();
    return;
  }
  if (typeof SharedWorker === 'undefined') hereOnly();
  else shared();
  setInterval(() => {
    if (streamState() === 'live' && Date.now() - lastHeard > staleAfter) become('stale');
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
    else if (streamState() !== 'off') pump.open();
  });
}

function take(m: PumpMessage): void {
  if (m.kind === 'state') {
    if (m.state === 'live') {
      // what was read before the line stood may have changed unheard
      if (!lastHeard) tell({ id: '', name: 'opened', key: '', place: '', at: 0, data: {} });
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
  become('live', serverNow());
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
  tell(e);
}
