import { QueryClientProvider } from '@tanstack/react-query';
import { act, cleanup, fireEvent, render, screen } from '@testing-library/react';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { newQueryClient } from '@/api/cache';
import { setLang } from '@/i18n';
import { searchOf } from '../console/search';
import { RatePage } from './RatePage';

let sent: unknown[] = [];
beforeEach(() => {
  setLang('zh');
  sent = [];
  vi.stubGlobal('fetch', async (req: Request) => {
    const { pathname } = new URL(req.url);
    if (req.method === 'POST') {
      sent.push(await req.json());
      return Response.json({ id: 'rat_1' });
    }
    return Response.json(
      pathname.endsWith('/rating-tags')
        ? {
            items: [
              { code: 'on-time', zh: '准时', en: 'On time', good: true },
              { code: 'late', zh: '来晚了', en: 'Late', good: false },
            ],
          }
        : { id: 'ord_1', zh: '水电急修', en: 'Plumbing' },
    );
  });
});
afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
});

it('only the face is needed; the tags fit it, and a low rating promises a call', async () => {
  render(
    <QueryClientProvider client={newQueryClient()}>
      <RatePage params={{ id: 'ord_1' }} />
    </QueryClientProvider>,
  );
  await screen.findByText('水电急修办得怎么样');
  const send = screen.getByText('报上去').closest('button') as HTMLButtonElement;
  expect(send.disabled).toBe(true);
  fireEvent.click(screen.getByLabelText('满意'));
  expect(await screen.findByText('准时')).toBeTruthy();
  fireEvent.click(screen.getByLabelText('不满意'));
  expect(screen.queryByText('准时')).toBeNull();
  fireEvent.click(screen.getByText('来晚了'));
  fireEvent.click(screen.getByLabelText('3'));
  await act(async () => fireEvent.click(send));
  expect(sent).toEqual([{ order_id: 'ord_1', stars: 2, nps: 3, tags: ['late'] }]);
  expect(await screen.findByText(/会给您回电话/)).toBeTruthy();
});

it('the address of the page keeps what it knows', () => {
  expect(searchOf({ show: 'ratings', low: 1, item: 'health', x: 2 })).toEqual({
    show: 'ratings',
    low: '1',
    item: 'health',
  });
  expect(searchOf({ show: 'all' })).toEqual({});
});
