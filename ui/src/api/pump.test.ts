import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { Pump, type PumpMessage } from './pump';

/** A server whose stream is written by the test. */
let streams: { headers: Headers; write: (s: string) => void; end: () => void }[] = [];
let status = 200;
let said: PumpMessage[] = [];
const states = () => said.flatMap((m) => (m.kind === 'state' ? [m.state] : []));
const events = () => said.flatMap((m) => (m.kind === 'frame' ? [m.frame.event] : []));
const wait = (ms: number) => vi.advanceTimersByTimeAsync(ms);

beforeEach(() => {
  vi.useFakeTimers();
  streams = [];
  said = [];
  status = 200;
  vi.stubGlobal('fetch', async (_: string, init: RequestInit) => {
    if (status !== 200) return new Response('{}', { status });
    let out: ReadableStreamDefaultController<Uint8Array>;
    const body = new ReadableStream<Uint8Array>({
      start(c) {
        out = c;
      },
    });
    init.signal?.addEventListener('abort', () => {
      try {
        out.error(new Error('aborted'));
      } catch {}
    });
    streams.push({
      headers: new Headers(init.headers),
      write: (s) => out.enqueue(new TextEncoder().encode(s)),
      end: () => out.close(),
    });
    return new Response(body, { status: 200 });
  });
});
afterEach(() => {
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

it('comes back after the last event it saw', async () => {
  const pump = new Pump('/live', (m) => said.push(m));
  pump.open();
  await wait(0);
  streams[0]?.write('id: 41\nevent: order.accepted\ndata: {}\n\n');
  await wait(0);
  streams[0]?.end();
  await wait(2000);
  expect(streams.map((s) => s.headers.get('Last-Event-ID'))).toEqual([null, '41']);
  expect(events()).toEqual(['order.accepted']);
  expect(states()).toEqual(['connecting', 'live', 'lost', 'connecting', 'live']);
  pump.close();
});

it('gives up a line that is silent for longer than two ticks', async () => {
  const pump = new Pump('/live', (m) => said.push(m));
  pump.open();
  await wait(0);
  for (let i = 0; i < 5; i++) {
    streams[0]?.write('event: tick\ndata: {}\n\n');
    await wait(5000);
  }
  expect(streams.length).toBe(1);
  await wait(9000);
  expect(streams.length).toBe(2);
  pump.close();
});

it('tries less and less often while the server is away, but at least twice a minute', async () => {
  status = 503;
  const pump = new Pump('/live', (m) => said.push(m));
  pump.open();
  await wait(60_000);
  const first = states().filter((s) => s === 'connecting').length;
  expect(first).toBeLessThan(9);
  said = [];
  await wait(240_000);
  const later = states().filter((s) => s === 'connecting').length;
  expect(later).toBeGreaterThanOrEqual(6);
  expect(later).toBeLessThanOrEqual(12);
  pump.close();
});

it('stops when nobody is signed in, until somebody signs in', async () => {
  status = 401;
  const pump = new Pump('/live', (m) => said.push(m));
  pump.open();
  await wait(120_000);
  expect(states()).toEqual(['connecting', 'signed-out']);
  status = 200;
  pump.reopen(true);
  await wait(0);
  expect(states().at(-1)).toBe('live');
  pump.close();
});
