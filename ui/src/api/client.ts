import createClient from 'openapi-fetch';
import { getLang } from '@/i18n';
import { ulid } from './id';
import { offline, problemOf } from './problem';
import type { paths } from './schema.gen';

export * from './problem';

/** The header that makes a repeated POST the same act. */
export const idempotencyKey = 'Idempotency-Key';

const signedOut = new Set<() => void>();

/** Calls f whenever the server says that nobody is signed in. Returns how to stop that. */
export function onSignedOut(f: () => void): () => void {
  signedOut.add(f);
  return () => signedOut.delete(f);
}

/**
 * The one way out of the page: cookie, language, an idempotency key on every POST, and
 * every failure thrown as a Problem. What never reached the server is tried a second time
 * when that cannot do harm: a GET, or a POST under the same key.
 */
export async function send(req: Request): Promise<Response> {
  const headers = new Headers(req.headers);
  headers.set('Accept-Language', getLang() === 'zh' ? 'zh-CN' : 'en');
  if (req.method === 'POST' && !headers.has(idempotencyKey)) headers.set(idempotencyKey, ulid());
  const first = new Request(req, { headers, credentials: 'same-origin' });
  const again = first.clone();
  let res: Response;
  try {
    res = await fetch(first);
  } catch (err) {
    if (req.signal.aborted) throw err;
    try {
      res = await fetch(again);
    } catch {
      if (req.signal.aborted) throw err;
      throw offline();
    }
  }
  if (res.ok) return res;
  const problem = await problemOf(res);
  if (problem.kind === 'unauthenticated' && !/\/(session|me)$/.test(new URL(req.url).pathname)) {
    for (const f of signedOut) f();
  }
  throw problem;
}

/**
 * The typed client over the server's own description: `(await api.GET('/api/v1/orders/{id}', …)).data!`.
 * Failures are thrown, so `error` is never set.
 */
export const api = /* @__PURE__ */ createClient<paths>({ baseUrl: origin(), fetch: send });

function origin(): string {
  return typeof location === 'undefined' || location.origin === 'null' ? 'http://localhost' : location.origin;
}

/** Values of a query string; undefined, '' and false are left out, arrays repeat the name. */
export type Query = Record<
  string,
  string | number | boolean | readonly (string | number)[] | null | undefined
>;

export interface Options {
  query?: Query;
  /** JSON, or a Blob or FormData sent as it is. */
  body?: unknown;
  /** Idempotency key of this act; made here when left out. */
  key?: string;
  headers?: Record<string, string>;
  signal?: AbortSignal;
  /** The request outlives the page: for what is sent while it closes. */
  keepalive?: boolean;
}

/** Sends a request and reads the JSON answer; 204 gives undefined. */
export async function call<T>(method: string, path: string, o: Options = {}): Promise<T> {
  const url = new URL(path, origin());
  for (const [name, v] of Object.entries(o.query ?? {})) {
    if (Array.isArray(v)) for (const one of v) url.searchParams.append(name, String(one));
    else if (v !== undefined && v !== null && v !== '' && v !== false) url.searchParams.set(name, String(v));
  }
  const headers = new Headers(o.headers);
  if (o.key) headers.set(idempotencyKey, o.key);
  let body: BodyInit | undefined;
  if (o.body instanceof Blob || o.body instanceof FormData) body = o.body;
  else if (o.body !== undefined) {
    body = JSON.stringify(o.body);
    headers.set('Content-Type', 'application/json');
  }
  const res = await send(
    new Request(url, { method, headers, body, signal: o.signal, keepalive: o.keepalive }),
  );
  if (res.status === 204) return undefined as T;
  const kind = res.headers.get('Content-Type') ?? '';
  return (kind.includes('json') ? await res.json() : await res.text()) as T;
}

export const get = <T>(path: string, query?: Query, signal?: AbortSignal) =>
  call<T>('GET', path, { query, signal });
export const post = <T = void>(path: string, body?: unknown, o?: Options) =>
  call<T>('POST', path, { ...o, body: body ?? {} });
export const put = <T = void>(path: string, body: unknown, o?: Options) =>
  call<T>('PUT', path, { ...o, body });
export const patch = <T = void>(path: string, body: unknown, o?: Options) =>
  call<T>('PATCH', path, { ...o, body });
export const del = <T = void>(path: string, o?: Options) => call<T>('DELETE', path, o);

/** One page of a list. An empty `next` is the end. */
export interface Page<T> {
  items: T[];
  next: string;
}

/** Path with its parameters escaped: path`/api/v1/orders/${id}/accept`. */
export function path(strings: TemplateStringsArray, ...values: (string | number)[]): string {
  return strings.reduce(
    (out, s, i) => out + s + (i < values.length ? encodeURIComponent(values[i]!) : ''),
    '',
  );
}
