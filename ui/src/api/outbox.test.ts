import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { idempotencyKey } from './client';
import {
  answerOf,
  type Command,
  discard,
  enqueue,
  enqueueAll,
  flush,
  loadDraft,
  onSent,
  saveDraft,
  wipe,
} from './outbox';

type Answer = 'ok' | 'offline' | 'refuse' | 'down';
let seen: { url: string; key: string; body: string }[] = [];
let answers: (url: string) => Answer = () => 'ok';
let sent: Command[] = [];
onSent((c) => sent.push(c));

beforeEach(async () => {
  await wipe();
  seen = [];
  sent = [];
  vi.stubGlobal('fetch', async (req: Request) => {
    const url = new URL(req.url).pathname;
    const a = answers(url);
    if (a === 'offline') throw new TypeError('network');
    seen.push({ url, key: req.headers.get(idempotencyKey) ?? '', body: await req.text() });
    if (a === 'down') return new Response('{}', { status: 503 });
    if (a === 'refuse') {
      return new Response(
        JSON.stringify({ kind: 'conflict', message_zh: '已改派', message_en: 'reassigned' }),
        { status: 409 },
      );
    }
    return Response.json({ id: `evd_${seen.length}` });
  });
});
afterEach(() => vi.unstubAllGlobals());

const act = (subject: string, path: string, file?: Blob) => enqueue({ subject, method: 'POST', path, file });
const urls = () => seen.map((s) => s.url);

it('an act without network waits on the phone and is sent later under the same key', async () => {
  answers = () => 'offline';
  expect(await act('ord_1', '/arrive')).toBe('waiting');
  answers = () => 'ok';
  await flush();
  expect(urls()).toEqual(['/arrive']);
  expect(sent.map((c) => c.id)).toEqual([seen[0]?.key]);
});

it('acts of one subject keep their order; photos go after all texts', async () => {
  answers = () => 'offline';
  await act('ord_1', '/photo', new Blob(['x']));
  await act('ord_1', '/arrive');
  await act('ord_2', '/accept');
  await act('ord_1', '/finish');
  answers = () => 'ok';
  await flush();
  expect(urls()).toEqual(['/arrive', '/accept', '/finish', '/photo']);
});

it('a step that names its photo goes after it, with the id the server gave, and what follows waits for both', async () => {
  answers = () => 'offline';
  await act('ord_1', '/arrive');
  await enqueueAll([
    { subject: 'ord_1', method: 'POST', path: '/evidence', file: new Blob(['jpeg']) },
    { subject: 'ord_1', method: 'POST', path: '/steps/2', body: { evidence: [answerOf(0)], note: '@9' } },
  ]);
  await act('ord_1', '/finish');
  await act('ord_2', '/accept');
  answers = () => 'ok';
  await flush();
  expect(urls()).toEqual(['/arrive', '/accept', '/evidence', '/steps/2', '/finish']);
  expect(JSON.parse(seen[3]?.body ?? '')).toEqual({ evidence: ['evd_3'], note: '@9' });
});

it('a photo that is refused keeps its step back, and both are given up together', async () => {
  answers = (url) => (url === '/evidence' ? 'refuse' : 'ok');
  const both = enqueueAll([
    { subject: 'ord_1', method: 'POST', path: '/evidence', file: new Blob(['x']) },
    { subject: 'ord_1', method: 'POST', path: '/steps/2', body: { evidence: [answerOf(0)] } },
  ]);
  expect(await both).toBe('refused');
  await flush();
  expect(urls()).toEqual(['/evidence']);
  await discard(seen[0]?.key ?? '');
  await flush();
  expect(urls()).toEqual(['/evidence']);
});

it('a server that is down holds only that subject back, and the retry has the same key', async () => {
  answers = (url) => (url === '/arrive' ? 'down' : 'ok');
  expect(await act('ord_1', '/arrive')).toBe('waiting');
  await act('ord_1', '/finish');
  await act('ord_2', '/accept');
  expect(urls().filter((u) => u !== '/arrive')).toEqual(['/accept']);
  answers = () => 'ok';
  await flush();
  expect(urls().slice(-2)).toEqual(['/arrive', '/finish']);
  expect(new Set(seen.filter((s) => s.url === '/arrive').map((s) => s.key)).size).toBe(1);
});

it('a refused act is not repeated; it waits for the person with the server’s words', async () => {
  answers = () => 'refuse';
  await act('ord_1', '/arrive');
  const tries = seen.length;
  await flush();
  await flush();
  expect(seen.length).toBe(tries);
});

it('signing out leaves nothing on the phone', async () => {
  answers = () => 'offline';
  await act('ord_1', '/arrive');
  await saveDraft('new', { text: '漏水' });
  expect(await loadDraft('new')).toEqual({ text: '漏水' });
  await wipe();
  answers = () => 'ok';
  await flush();
  expect([seen, await loadDraft('new')]).toEqual([[], undefined]);
});
