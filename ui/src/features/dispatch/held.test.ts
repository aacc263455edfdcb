import { act, renderHook } from '@testing-library/react';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { drop, hold, pause, release, resume, useHeld } from './held';

beforeEach(() => vi.useFakeTimers());
afterEach(() => {
  drop();
  vi.useRealTimers();
});

it('tells nobody for five seconds, and then once', () => {
  const send = vi.fn();
  hold('康乐 3-502 派给周敏', 'o1', send);
  vi.advanceTimersByTime(4999);
  expect(send).not.toHaveBeenCalled();
  vi.advanceTimersByTime(1);
  release();
  expect(send.mock.calls).toEqual([[false]]);
});

it('drops what is taken back', () => {
  const send = vi.fn();
  hold('', 'o1', send);
  drop();
  vi.advanceTimersByTime(10_000);
  expect(send).not.toHaveBeenCalled();
});

it('sends the first when a second is held, and both in order', () => {
  const sent: string[] = [];
  hold('', 'o1', () => sent.push('o1'));
  hold('', 'o2', () => sent.push('o2'));
  expect(sent).toEqual(['o1']);
  vi.advanceTimersByTime(5000);
  expect(sent).toEqual(['o1', 'o2']);
});

it('sends at once when the page goes away', () => {
  const send = vi.fn();
  hold('', 'o1', send);
  dispatchEvent(new Event('pagehide'));
  expect(send.mock.calls).toEqual([[true]]);
});

it('waits while somebody reads the bar', () => {
  const send = vi.fn();
  hold('', 'o1', send);
  vi.advanceTimersByTime(4000);
  pause();
  vi.advanceTimersByTime(60_000);
  expect(send).not.toHaveBeenCalled();
  resume();
  vi.advanceTimersByTime(5000);
  expect(send).toHaveBeenCalledTimes(1);
});

it('shows what is held while it is held', () => {
  const { result } = renderHook(() => useHeld());
  expect(result.current).toBeUndefined();
  act(() => hold('派给周敏', 'o1', () => undefined));
  expect(result.current).toMatchObject({ words: '派给周敏', subject: 'o1' });
  act(() => release());
  expect(result.current).toBeUndefined();
});
