import type { QueryClient } from '@tanstack/react-query';
import { startOutbox } from '@/api/outbox';
import { startStream } from '@/api/stream';
import { joinLive } from '../live';
import { features } from './features';

/** What the phone does beside its pages once somebody is signed in; loaded after the first page is drawn. */
export async function start(client: QueryClient): Promise<void> {
  await joinLive(client, features);
  startStream();
  startOutbox();
}
