import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { setLang } from '@/i18n';
import { call, get, idempotencyKey, onSignedOut, type Problem, path, post } from './client';
import { ulid } from './id';

const answer = (status: number, body: unknown) =>
  new Response(body === undefined ? null : JSON.stringify(body), {
    status,
    headers: { 'Content-Type': 'application/json' },
  });

let requests: Request[] = [];
function server(...answers: (Response | Error)[]): void {
  requests = [];
  vi.stubGlobal('fetch', async (req: Request) => {
    requests.push(req);
    const a = answers[Math.min(requests.length, answers.length) - 1];
    if (a instanceof Error) throw a;
    return (a as Response).clone();
  });
}

beforeEach(() => setLang('zh'));
afterEach(() => vi.unstubAllGlobals());

describe('the client', () => {
  it('gives every POST a key of its own and keeps it when no answer came', async () => {
    server(new TypeError('network'), answer(201, { id: 'dem_1' }));
    expect(await post('/api/v1/demands', { text: '漏水' })).toEqual({ id: 'dem_1' });
    const keys = requests.map((r) => r.headers.get(idempotencyKey));
    expect(keys[0]).toMatch(/^[0-9A-HJKMNP-TV-Z]{26}$/);
    expect(keys[1]).toBe(keys[0]);
    await post('/api/v1/demands', { text: '漏水' });
    expect(requests.at(-1)?.headers.get(idempotencyKey)).not.toBe(keys[0]);
  });

  it('throws the server’s own words, in the language in use', async () => {
    server(
      answer(422, {
        kind: 'invalid',
        field: 'body.phone',
        message_zh: '电话少了 4 位',
        message_en: 'the phone lacks 4 digits',
        request_id: '7f3a',
      }),
    );
    const p = (await get('/api/v1/x').catch((e: unknown) => e)) as Problem;
    expect([p.kind, p.field, p.words, p.requestId, p.status]).toEqual([
      'invalid',
      'body.phone',
      '电话少了 4 位',
      '7f3a',
      422,
    ]);
    setLang('en');
    expect(p.words).toBe('the phone lacks 4 digits');
  });

  it('says what is safe when there is no server, and when the answer is no problem document', async () => {
    server(new TypeError('network'));
    const gone = (await get('/api/v1/x').catch((e: unknown) => e)) as Problem;
    expect([gone.kind, gone.passing]).toEqual(['offline', true]);
    expect(gone.words).toContain('填写的内容还在');
    server(new Response('<h1>Bad Gateway</h1>', { status: 502 }));
    const proxy = (await get('/api/v1/x').catch((e: unknown) => e)) as Problem;
    expect([proxy.kind, proxy.passing]).toEqual(['unavailable', true]);
  });

  it('tells once that nobody is signed in, but not for the sign-in itself', async () => {
    const told = vi.fn();
    const stop = onSignedOut(told);
    server(answer(401, { kind: 'unauthenticated', message_zh: '请登录', message_en: 'sign in' }));
    await get('/api/v1/orders').catch(() => undefined);
    await post('/api/v1/session', {}).catch(() => undefined);
    await get('/api/v1/me').catch(() => undefined);
    stop();
    expect(told).toHaveBeenCalledTimes(1);
  });

  it('writes queries without empty values and escapes paths', async () => {
    server(answer(200, {}));
    await get('/api/v1/orders', { state: 'open', item: undefined, q: '', late: false, place: ['a', 'b'] });
    expect(new URL(requests[0]?.url ?? '').search).toBe('?state=open&place=a&place=b');
    expect(path`/api/v1/places/${'9900/003'}/x`).toBe('/api/v1/places/9900%2F003/x');
    server(answer(204, undefined));
    expect(await call('DELETE', '/api/v1/x')).toBeUndefined();
  });
});

it('ids sort by time and do not repeat', () => {
  const ids = Array.from({ length: 2000 }, (_, i) => ulid(1_700_000_000_000 + i));
  expect([...ids].sort()).toEqual(ids);
  expect(new Set(Array.from({ length: 2000 }, () => ulid(1))).size).toBe(2000);
});
