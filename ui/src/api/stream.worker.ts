import { Pump, type PumpMessage } from './pump';

// One stream for all tabs of this browser: plain HTTP/1.1 allows six connections per
// host, and a duty officer keeps seven tabs open.
const ports = new Set<MessagePort>();
let state: PumpMessage | undefined;

const pump = new Pump('/api/v1/live', (m) => {
  if (m.kind === 'state') state = m;
  for (const p of ports) p.postMessage(m);
});

/** The one handler of a shared worker; the DOM library of types knows only pages. */
const scope = self as unknown as { onconnect: (e: MessageEvent) => void };

scope.onconnect = (e) => {
  const port = e.ports[0];
  if (!port) return;
  ports.add(port);
  port.onmessage = (m: MessageEvent<'open' | 'reopen' | 'close'>) => {
    if (m.data === 'close') {
      ports.delete(port);
      if (ports.size === 0) pump.close();
      return;
    }
    ports.add(port);
    if (m.data === 'reopen') pump.reopen(true);
    else pump.open();
  };
  if (state) port.postMessage(state);
  pump.open();
};
