import type { QueryClient } from '@tanstack/react-query';
import { joinRules, LiveJoin, type LiveRules } from '@/api/live';
import { onLive } from '@/api/streamState';

let joined = false;

/** Joins the live tables of the features to the cache: the web's score of what happens when. Once per page. */
export async function joinLive(
  client: QueryClient,
  features: readonly { live?: LiveRules | (() => Promise<LiveRules>) }[],
): Promise<void> {
  if (joined) return;
  joined = true;
  const tables = await Promise.all(
    features.map((f) => (typeof f.live === 'function' ? f.live() : (f.live ?? {}))),
  );
  const join = new LiveJoin(client, joinRules(...tables));
  onLive((e) => join.take(e));
  document.addEventListener('visibilitychange', () => {
    if (!document.hidden) void client.refetchQueries({ type: 'active', stale: true });
  });
}
