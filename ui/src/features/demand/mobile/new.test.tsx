import 'fake-indexeddb/auto';
import { QueryClientProvider } from '@tanstack/react-query';
import { act, cleanup, fireEvent, render, screen, waitFor } from '@testing-library/react';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { newQueryClient } from '@/api/cache';
import { meKey } from '@/api/me';
import { saveDraft, wipe } from '@/api/outbox';
import { setLang } from '@/i18n';
import { NewPage } from './NewPage';
import Sos from './Sos';

let asked: { url: string; body: Record<string, unknown> }[] = [];
let reachable = true;
const me = {
  permissions: ['catalog.read', 'demand.raise'],
  grants: [],
  roles: [],
  scopes: [],
  resident: 'res_1',
  name: '王桂兰',
};

beforeEach(async () => {
  setLang('zh');
  await wipe();
  asked = [];
  reachable = true;
  vi.stubGlobal('fetch', async (req: Request) => {
    if (!reachable) throw new TypeError('network');
    const { pathname } = new URL(req.url);
    if (req.method === 'POST') asked.push({ url: pathname, body: JSON.parse(await req.text()) });
    if (pathname.endsWith('/catalog')) {
      return Response.json({
        items: [],
        specs: [{ code: 'plumbing', zh: '水电急修', en: 'Plumbing', item: 'home-safety' }],
      });
    }
    if (pathname.endsWith('/read')) {
      return Response.json({
        spec: 'plumbing',
        certainty: 0.98,
        least: 0.75,
        urgency: 1,
        guesses: [{ spec: 'plumbing', p: 0.98 }],
      });
    }
    return Response.json({ id: 'dem_1', items: [], next: '' });
  });
});
afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
  history.replaceState({}, '', '/');
});

function show(node: React.ReactNode) {
  const client = newQueryClient();
  client.setQueryData(meKey, me);
  return render(<QueryClientProvider client={client}>{node}</QueryClientProvider>);
}
const press = (name: string) => act(async () => fireEvent.click(screen.getByText(name)));

it('free words are read back before they are sent, with the service agreed to', async () => {
  history.replaceState({}, '', '/h/demand/new');
  show(<NewPage />);
  fireEvent.change(await screen.findByLabelText('要办什么事'), { target: { value: '水管漏水' } });
  await press('下一步');
  await screen.findByText('水电急修');
  await waitFor(() => expect(screen.getByLabelText<HTMLInputElement>(/水电急修/).checked).toBe(true));
  await press('报上去');
  await waitFor(() => expect(asked.at(-1)?.url).toBe('/api/v1/demands'));
  expect(asked.at(-1)?.body).toMatchObject({ text: '水管漏水', spec: 'plumbing' });
  await waitFor(() => expect(location.pathname).toBe('/h/orders'));
});

it('a half-written request is still there after the page was killed', async () => {
  await saveDraft('demand.new.', { text: '厨房灯坏了', photos: [] });
  history.replaceState({}, '', '/h/demand/new');
  show(<NewPage />);
  expect(await screen.findByDisplayValue('厨房灯坏了')).toBeTruthy();
});

it('an emergency call goes out at once as an urgent need, and a cancel takes it back', async () => {
  show(<Sos />);
  await press('紧急呼叫');
  expect(asked[0]).toMatchObject({ url: '/api/v1/demands', body: { urgency: 3, spec: 'first-aid' } });
  await act(async () => fireEvent.click(screen.getByText(/按错了/)));
  await waitFor(() => expect(asked[1]?.url).toBe('/api/v1/demands/dem_1/withdraw'));
});

it('an emergency call that cannot go out shows the numbers to dial', async () => {
  HTMLDialogElement.prototype.showModal ??= vi.fn();
  reachable = false;
  show(<Sos />);
  await press('紧急呼叫');
  const numbers = await waitFor(() => {
    const hrefs = [...document.querySelectorAll('a')].map((a) => a.getAttribute('href'));
    expect(hrefs.length).toBeGreaterThan(0);
    return hrefs;
  });
  expect(numbers).toEqual(['tel:120', 'tel:110', 'tel:12345']);
});
