import type { QueryClient } from '@tanstack/react-query';
import { joinRules, LiveJoin, type LiveRules } from '@/api/live';
import { onLive } from '@/api/stream';

/** Joins the live tables of the features to the cache: the web's score of what happens when. */
export function joinLive(client: QueryClient, features: readonly { live?: LiveRules }[]): LiveJoin {
  const join = new LiveJoin(client, joinRules(...features.map((f) => f.live ?? {})));
  onLive((e) => join.take(e));
  document.addEventListener('visibilitychange', () => {
    if (!document.hidden) void client.refetchQueries({ type: 'active', stale: true });
  });
  return join;
}
