import { QueryClient, QueryObserver } from '@tanstack/react-query';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { joinRules, LiveJoin, type LiveRules } from './live';
import type { LiveEvent } from './stream';

const event = (name: string, key = 'ord_1'): LiveEvent => ({
  id: '1',
  name,
  key,
  place: '',
  at: 0,
  data: {},
});

/** A server of three orders and their list; reads are counted. */
function desk() {
  const server: Record<string, number> = { ord_1: 0, ord_2: 0, ord_3: 0 };
  const reads: Record<string, number> = {};
  const client = new QueryClient({ defaultOptions: { queries: { staleTime: Number.POSITIVE_INFINITY } } });
  const watch = (key: string, read: () => unknown) =>
    new QueryObserver(client, {
      queryKey: key === 'list' ? ['order', 'list'] : ['order', 'one', key],
      queryFn: () => {
        reads[key] = (reads[key] ?? 0) + 1;
        return read();
      },
    }).subscribe(() => undefined);
  for (const id of Object.keys(server)) watch(id, () => server[id]);
  watch('list', () => ({ ...server }));
  const rules: LiveRules = {
    'order.*': (e) => [
      ['order', 'one', e.key],
      ['order', 'list'],
    ],
  };
  return { server, reads, client, join: new LiveJoin(client, rules) };
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe('the live join', () => {
  it('reads again what was answered before the stream stood, but not what hardly changes', async () => {
    const client = new QueryClient();
    const reads: Record<string, number> = {};
    const watch = (key: string, staleTime: number) =>
      new QueryObserver(client, {
        queryKey: [key],
        staleTime,
        queryFn: () => {
          reads[key] = (reads[key] ?? 0) + 1;
          return reads[key];
        },
      }).subscribe(() => undefined);
    watch('list', 60_000);
    watch('catalog', 600_000);
    await vi.advanceTimersByTimeAsync(0);
    new LiveJoin(client, {}).take(event('opened'));
    await vi.advanceTimersByTimeAsync(0);
    expect(reads).toEqual({ list: 2, catalog: 1 });
  });

  it('reads again what an event names, and nothing else', async () => {
    const d = desk();
    await vi.advanceTimersByTimeAsync(0);
    d.server.ord_2 = 7;
    d.join.take(event('order.accepted', 'ord_2'));
    await vi.advanceTimersByTimeAsync(300);
    expect(d.client.getQueryData(['order', 'one', 'ord_2'])).toBe(7);
    expect(d.reads).toEqual({ ord_1: 1, ord_2: 2, ord_3: 1, list: 2 });
  });

  it('answers a burst with one read per key and second', async () => {
    const d = desk();
    await vi.advanceTimersByTimeAsync(0);
    for (let i = 0; i < 200; i++) {
      d.server.ord_1 = i;
      d.join.take(event('order.moved'));
      await vi.advanceTimersByTimeAsync(10);
    }
    await vi.advanceTimersByTimeAsync(2000);
    expect(d.client.getQueryData(['order', 'one', 'ord_1'])).toBe(199);
    expect(d.reads.ord_1).toBeLessThanOrEqual(5);
  });

  it('counts events that no rule knows and goes on', () => {
    const d = desk();
    d.join.take(event('moon.landed'));
    d.join.take(event('moon.landed'));
    expect([...d.join.unknown]).toEqual([['moon.landed', 2]]);
  });

  it('ends, after any loss, order and repetition of events and a reset, in what a fresh load gives', async () => {
    let seed = 7;
    const random = (n: number) => {
      seed = (seed * 1103515245 + 12345) % 2147483648;
      return seed % n;
    };
    for (let run = 0; run < 40; run++) {
      const d = desk();
      await vi.advanceTimersByTimeAsync(0);
      const ids = Object.keys(d.server);
      for (let step = 0; step < 30; step++) {
        const id = ids[random(3)] as string;
        d.server[id] = random(1000);
        const times = random(3); // lost, once, twice
        for (let i = 0; i < times; i++) d.join.take(event('order.moved', ids[random(3)] as string));
        await vi.advanceTimersByTimeAsync(random(700));
      }
      d.join.take(event('reset'));
      await vi.advanceTimersByTimeAsync(0);
      const seen = Object.fromEntries(ids.map((id) => [id, d.client.getQueryData(['order', 'one', id])]));
      expect(seen).toEqual(d.server);
      expect(d.client.getQueryData(['order', 'list'])).toEqual(d.server);
      d.client.clear();
    }
  });
});

it('two features may follow the same event', () => {
  const joined = joinRules(
    { 'order.closed': () => [['a']] },
    { 'order.closed': () => [['b']], 'order.*': () => [['c']] },
  );
  expect(joined['order.closed']?.(event('order.closed'))).toEqual([['a'], ['b']]);
  expect(Object.keys(joined)).toEqual(['order.closed', 'order.*']);
});
