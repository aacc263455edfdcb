import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';
import { get, Problem } from '@/api/client';
import { loadDraft, onSent, saveDraft } from '@/api/outbox';
import { useOutbox } from '@/api/outboxState';
import { serverNow } from '@/design/clock';
import { keys, type Task } from '../api';
import { withPending } from './pending';

interface Kept {
  items: Task[];
  /** When the server told them; older than now when there is no network. */
  at: number;
  old?: boolean;
}

const draft = 'order.mine';

/** My jobs of today and tomorrow, kept on the phone for dead zones, with what still waits to be uploaded. */
export function useMine() {
  const commands = useOutbox();
  const client = useQueryClient();
  // What has reached the server counts here at once: the network may be gone before it can be read again.
  useEffect(
    () =>
      onSent((c) => {
        client.setQueryData<Task>(keys.one(c.subject), (t) => t && withPending(t, [c]));
        const kept = client.setQueryData<Kept>(
          keys.mine,
          (k) => k && { ...k, items: k.items.map((t) => withPending(t, [c])) },
        );
        if (kept) void saveDraft(draft, kept);
      }),
    [client],
  );
  const q = useQuery({
    queryKey: keys.mine,
    queryFn: async ({ signal }): Promise<Kept> => {
      try {
        const { items } = await get<{ items: Task[] }>('/api/v1/my/orders', { days: 2 }, signal);
        const kept = { items, at: serverNow() };
        await saveDraft(draft, kept);
        return kept;
      } catch (err) {
        const kept =
          err instanceof Problem && err.kind === 'offline' ? await loadDraft<Kept>(draft) : undefined;
        if (!kept) throw err;
        return { ...kept, old: true };
      }
    },
    refetchOnReconnect: 'always',
  });
  const tasks = q.data?.items.map((t) => withPending(t, commands));
  return { ...q, tasks };
}
