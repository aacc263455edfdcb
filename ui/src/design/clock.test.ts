import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { serverNow, setServerNow } from './clock';

beforeEach(() => void vi.useFakeTimers({ now: 1_000_000 }));
afterEach(() => void vi.useRealTimers());

it('follows a server clock that is off', () => {
  setServerNow(5_000_000);
  vi.advanceTimersByTime(5000);
  setServerNow(5_005_020); // a tick that was 20 ms late on its way
  vi.advanceTimersByTime(1000);
  expect(serverNow()).toBe(5_006_020);
});

it('follows a server clock that runs sixty times as fast', () => {
  setServerNow(0);
  vi.advanceTimersByTime(5000);
  setServerNow(300_000);
  vi.advanceTimersByTime(1000);
  expect(serverNow()).toBe(360_000);
});
