import type { DBSchema, IDBPDatabase } from 'idb';
import { call, Problem } from './client';
import { ulid } from './id';
import { type Command, pending, setPending } from './outboxState';

export { type Command, useOutbox } from './outboxState';

interface Schema extends DBSchema {
  commands: { key: string; value: Command };
  drafts: { key: string; value: { id: string; data: unknown; at: number } };
}

let opening: Promise<IDBPDatabase<Schema>> | undefined;
const db = () => {
  opening ??= import('idb').then(({ openDB }) =>
    openDB<Schema>('linli', 1, {
      upgrade(d) {
        d.createObjectStore('commands', { keyPath: 'id' });
        d.createObjectStore('drafts', { keyPath: 'id' });
      },
    }),
  );
  return opening;
};

let flushing: Promise<void> | undefined;
const sentListeners = new Set<(c: Command) => void>();

/** Hears of every command the server has taken. */
export function onSent(f: (c: Command) => void): () => void {
  sentListeners.add(f);
  return () => sentListeners.delete(f);
}

/** What is asked of the outbox; it gives the rest. */
export type Asked = Omit<Command, 'id' | 'madeAt' | 'needs'>;

let lastAt = 0;

/** Stands in a body for the `id` the server answers to the command at this place of the same list. */
export const answerOf = (index: number): string => `@${index}`;

/** Whether the server has taken a command, has not been reached, or has refused it: then it waits for the person. */
export type Sent = 'sent' | 'waiting' | 'refused';

/**
 * Stores a command on the phone and tries to send it. Resolves once it is stored: from
 * then on it survives a killed page.
 */
export const enqueue = (c: Asked): Promise<Sent> => enqueueAll([c]);

/**
 * Stores several commands at once, in order. A later one may name what the server answers
 * to an earlier one: `evidence: [answerOf(0)]` is the id of the photo sent first.
 */
export async function enqueueAll(list: readonly Asked[]): Promise<Sent> {
  const made = list.map(() => {
    lastAt = Math.max(Date.now(), lastAt + 1); // ids of one moment would have no order
    return { id: ulid(lastAt), at: lastAt };
  });
  const d = await db();
  for (const [i, c] of list.entries()) {
    const needs: string[] = [];
    const body = exchange(c.body, (text) => {
      const at = /^@(\d+)$/.exec(text);
      const earlier = at && Number(at[1]) < i ? made[Number(at[1])] : undefined;
      if (!earlier) return text;
      needs.push(earlier.id);
      return `@${earlier.id}`;
    });
    const { id, at } = made[i] as { id: string; at: number };
    await d.put('commands', { ...c, body, id, madeAt: at, ...(needs.length ? { needs } : {}) });
  }
  await reload();
  await flush();
  const left = pending().filter((p) => made.some((m) => m.id === p.id));
  return left.some((p) => p.refused) ? 'refused' : left.length > 0 ? 'waiting' : 'sent';
}

/** A copy of a JSON value with its texts exchanged. */
function exchange(v: unknown, f: (text: string) => string): unknown {
  if (typeof v === 'string') return f(v);
  if (Array.isArray(v)) return v.map((x) => exchange(x, f));
  if (v === null || typeof v !== 'object') return v;
  return Object.fromEntries(Object.entries(v).map(([k, x]) => [k, exchange(x, f)]));
}

/** Forgets a refused command, and those that name its answer. */
export async function discard(id: string): Promise<void> {
  const d = await db();
  for (const c of await d.getAll('commands')) {
    if (c.id === id || c.needs?.includes(id)) await d.delete('commands', c.id);
  }
  await reload();
}

/** Sends what waits, in order per subject, text before photos. Several calls share one run. */
export function flush(): Promise<void> {
  flushing ??= run().finally(() => {
    flushing = undefined;
  });
  return flushing;
}

async function run(): Promise<void> {
  await reload();
  const blocked = new Set<string>();
  for (const photos of [false, true]) {
    const waits = new Set<string>(); // subjects with a text that names a photo's answer
    for (const { id } of pending()) {
      const c = pending().find((p) => p.id === id); // as the answers before it have filled it
      if (!c || blocked.has(c.subject)) continue;
      if (!photos) {
        if (c.needs?.some((n) => pending().some((p) => p.id === n))) waits.add(c.subject);
        if (c.file || waits.has(c.subject)) continue;
      }
      if (c.refused) {
        blocked.add(c.subject);
        continue;
      }
      try {
        await settle(c, await call<unknown>(c.method, c.path, { body: bodyOf(c), key: c.id }));
      } catch (err) {
        if (!(err instanceof Problem)) throw err;
        if (err.kind === 'offline') return;
        blocked.add(c.subject);
        if (!err.passing && err.kind !== 'unauthenticated') {
          await (await db()).put('commands', { ...c, refused: { zh: err.zh, en: err.en } });
        }
      }
      await reload();
    }
  }
  await reload();
}

/** Forgets a command the server has taken and writes its answer where later ones name it. */
async function settle(c: Command, answer: unknown): Promise<void> {
  const d = await db();
  const given = (answer as { id?: unknown } | undefined)?.id;
  for (const later of pending()) {
    if (!later.needs?.includes(c.id)) continue;
    const body = exchange(later.body, (text) => (text === `@${c.id}` ? String(given) : text));
    await d.put('commands', { ...later, body, needs: later.needs.filter((n) => n !== c.id) });
  }
  await d.delete('commands', c.id);
  for (const f of sentListeners) f(c);
}

function bodyOf(c: Command): unknown {
  if (!c.file || c.body === undefined) return c.file ?? c.body;
  const form = new FormData();
  for (const [k, v] of Object.entries((c.body as Record<string, unknown>) ?? {})) form.set(k, String(v));
  form.set('file', c.file);
  return form;
}

async function reload(): Promise<void> {
  setPending(await (await db()).getAll('commands'));
}

/** Starts sending: now, when the network comes back, when the page is seen, and every 15 s. */
export function startOutbox(): void {
  const go = () => {
    if (navigator.onLine && !document.hidden) flush().catch(() => undefined);
  };
  addEventListener('online', go);
  document.addEventListener('visibilitychange', go);
  setInterval(go, 15_000);
  go();
}

/** A half-filled form, so that a killed page loses nothing. */
export async function saveDraft(id: string, data: unknown): Promise<void> {
  await (await db()).put('drafts', { id, data, at: Date.now() });
}

/** The half-filled form of before, unless it is older than 48 h. */
export async function loadDraft<T>(id: string): Promise<T | undefined> {
  const d = await (await db()).get('drafts', id);
  return d && Date.now() - d.at < 48 * 3600_000 ? (d.data as T) : undefined;
}

export async function dropDraft(id: string): Promise<void> {
  await (await db()).delete('drafts', id);
}

/** Leaves nothing behind on a shared phone; called on sign-out. */
export async function wipe(): Promise<void> {
  const d = await db();
  await Promise.all([d.clear('commands'), d.clear('drafts')]);
  await reload();
}
