import type { QueryClient, QueryKey } from '@tanstack/react-query';
import { useEffect } from 'react';
import { type LiveEvent, onLive } from './streamState';

/**
 * What an event makes out of date. The name is exact ("order.accepted") or a whole
 * slice ("order.*"). Each feature exports one such table.
 */
export type LiveRules = Record<string, (e: LiveEvent) => QueryKey[]>;

/** Whether an answer is meant to hold for longer than the usual minute: catalogs, maps. */
const lasts = (stale: unknown) => stale === 'static' || (typeof stale === 'number' && stale > 60_000);

/** First refresh after an event, and the shortest pause between two of the same key. */
const flushAfter = 250;
const pause = 1000;

/**
 * Follows the stream and reads again what it says is out of date, in batches: a burst of
 * events costs one request per key and second. Hidden tabs only mark; they read when seen.
 */
export class LiveJoin {
  private due = new Map<string, { key: QueryKey; at: number }>();
  private done = new Map<string, number>();
  private timer: ReturnType<typeof setTimeout> | undefined;
  /** Events no rule knows, by name: visible in tests, harmless in use. */
  readonly unknown = new Map<string, number>();
  private client: QueryClient;
  private rules: LiveRules;

  constructor(client: QueryClient, rules: LiveRules) {
    this.client = client;
    this.rules = rules;
  }

  /**
   * Takes one event. `reset` means that events were missed: everything is out of date. `opened` comes
   * once, when the line stands: what was answered before it is read again, except what hardly changes.
   */
  take(e: LiveEvent): void {
    if (e.name === 'opened') {
      void this.client.invalidateQueries({
        predicate: (q) =>
          q.state.fetchStatus === 'idle' && !q.observers.some((o) => lasts(o.options.staleTime)),
      });
      return;
    }
    if (e.name === 'reset') {
      this.due.clear();
      void this.client.invalidateQueries();
      return;
    }
    const keys = this.keysOf(e);
    if (!keys) {
      this.unknown.set(e.name, (this.unknown.get(e.name) ?? 0) + 1);
      return;
    }
    const now = Date.now();
    for (const key of keys) {
      const id = JSON.stringify(key);
      if (!this.due.has(id)) {
        this.due.set(id, { key, at: Math.max(now + flushAfter, (this.done.get(id) ?? 0) + pause) });
      }
    }
    this.plan();
  }

  private keysOf(e: LiveEvent): QueryKey[] | undefined {
    const [slice, noun, verb] = e.name.split('.');
    const names = [e.name, ...(verb ? [`${slice}.${noun}.*`] : []), `${slice}.*`];
    const hits = names.flatMap((n) => this.rules[n] ?? []);
    return hits.length ? hits.flatMap((rule) => rule(e)) : undefined;
  }

  private plan(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    if (this.due.size === 0) return;
    const first = Math.min(...[...this.due.values()].map((d) => d.at));
    this.timer = setTimeout(() => this.flush(), Math.max(0, first - Date.now()));
  }

  private flush(): void {
    const now = Date.now();
    for (const [id, d] of this.due) {
      if (d.at > now) continue;
      this.due.delete(id);
      this.done.set(id, now);
      void this.client.invalidateQueries({
        queryKey: d.key,
        refetchType: document.hidden ? 'none' : 'active',
      });
    }
    if (this.done.size > 500) this.done.clear(); // only bounds memory; a key may refresh once early
    this.plan();
  }
}

/** Joins several tables; two features may both follow the same event. */
export function joinRules(...tables: LiveRules[]): LiveRules {
  const out: LiveRules = {};
  for (const table of tables) {
    for (const [name, rule] of Object.entries(table)) {
      const before = out[name];
      out[name] = before ? (e) => [...before(e), ...rule(e)] : rule;
    }
  }
  return out;
}

/** Runs f on events whose name starts with `prefix`, while the component is shown. */
export function useLive(prefix: string, f: (e: LiveEvent) => void): void {
  useEffect(
    () =>
      onLive((e) => {
        if (e.name.startsWith(prefix)) f(e);
      }),
    [prefix, f],
  );
}
