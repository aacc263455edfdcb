const crockford = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

/**
 * A ULID: 48 bits of time, 80 random bits. From getRandomValues, because
 * crypto.randomUUID does not exist on plain HTTP.
 */
export function ulid(now = Date.now()): string {
  let time = '';
  for (let i = 0, t = now; i < 10; i++, t = Math.floor(t / 32)) time = crockford[t % 32] + time;
  let tail = '';
  for (const b of crypto.getRandomValues(new Uint8Array(16))) tail += crockford[b % 32];
  return time + tail;
}
