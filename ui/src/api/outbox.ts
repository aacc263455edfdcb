import type { DBSchema, IDBPDatabase } from 'idb';
import { useSyncExternalStore } from 'react';
import { call, Problem } from './client';
import { ulid } from './id';

/** An act made on the phone that must reach the server, however late. */
export interface Command {
  /** ULID: order of making, and the idempotency key of every try. */
  id: string;
  /** Commands of one subject (an order) are sent in the order they were made. */
  subject: string;
  method: 'POST' | 'PUT' | 'PATCH';
  path: string;
  body?: unknown;
  /** A photo or recording, sent as multipart field `file` together with `body` as fields. */
  file?: Blob;
  madeAt: number;
  /** The server's refusal; the command waits for the person to decide. */
  refused?: { zh: string; en: string };
}

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

let pending: readonly Command[] = [];
let flushing: Promise<void> | undefined;
const watchers = new Set<() => void>();
const sentListeners = new Set<(c: Command) => void>();

/** What still waits on this phone; all of it, or that of one subject. */
export function useOutbox(subject?: string): readonly Command[] {
  const all = useSyncExternalStore(
    (f) => {
      watchers.add(f);
      return () => watchers.delete(f);
    },
    () => pending,
  );
  return subject ? all.filter((c) => c.subject === subject) : all;
}

/** Hears of every command the server has taken. */
export function onSent(f: (c: Command) => void): () => void {
  sentListeners.add(f);
  return () => sentListeners.delete(f);
}

/**
 * Stores a command on the phone and tries to send it. Resolves once it is stored: from
 * then on it survives a killed page. Tells whether it has already reached the server.
 */
export async function enqueue(c: Omit<Command, 'id' | 'madeAt'>): Promise<'sent' | 'waiting'> {
  const command: Command = { ...c, id: ulid(), madeAt: Date.now() };
  await (await db()).put('commands', command);
  await reload();
  await flush();
  return pending.some((p) => p.id === command.id) ? 'waiting' : 'sent';
}

/** Forgets a refused command, or all of a subject's. */
export async function discard(id: string): Promise<void> {
  await (await db()).delete('commands', id);
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
    for (const c of pending) {
      if (Boolean(c.file) !== photos || blocked.has(c.subject)) continue;
      if (c.refused) {
        blocked.add(c.subject);
        continue;
      }
      try {
        await call(c.method, c.path, { body: bodyOf(c), key: c.id });
        await (await db()).delete('commands', c.id);
        for (const f of sentListeners) f(c);
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

function bodyOf(c: Command): unknown {
  if (!c.file) return c.body;
  const form = new FormData();
  for (const [k, v] of Object.entries((c.body as Record<string, unknown>) ?? {})) form.set(k, String(v));
  form.set('file', c.file);
  return form;
}

async function reload(): Promise<void> {
  pending = await (await db()).getAll('commands');
  for (const f of watchers) f();
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
