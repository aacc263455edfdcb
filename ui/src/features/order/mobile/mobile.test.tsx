import 'fake-indexeddb/auto';
import { QueryClientProvider } from '@tanstack/react-query';
import { act, cleanup, fireEvent, render, screen, waitFor } from '@testing-library/react';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { newQueryClient } from '@/api/cache';
import { meKey } from '@/api/me';
import { wipe } from '@/api/outbox';
import { setServerNow } from '@/design/clock';
import { setLang } from '@/i18n';
import type { OrderStep, Task } from '../api';
import { detail, order } from '../sample.test-env';
import { callName, courseOf, sentence } from './course';
import { inOrder, missing, needsOf, ownSteps, recordStep, withPending } from './pending';
import { ServicePage } from './ServicePage';
import { StepSheet } from './StepSheet';
import { useText } from './text';
import { calm } from './useCalm';

const t = useText.both.zh;
const now = Date.parse('2026-11-23T14:00:00+08:00');
const step = (patch: Partial<OrderStep>): OrderStep => ({
  no: 1,
  zh: '维修',
  en: 'Repair',
  owner: 'repairer',
  required: false,
  ...patch,
});
const task = (patch: Partial<Task> = {}): Task => ({ ...order(), steps: [], ...patch });
const command = (path: string, body: unknown = {}, more: object = {}) => ({
  id: path,
  subject: 'ord_1',
  method: 'POST' as const,
  path: `/api/v1/orders/ord_1/${path}`,
  body,
  madeAt: now,
  ...more,
});

let asked: { method: string; url: string; body: unknown }[] = [];
beforeEach(async () => {
  setLang('zh');
  setServerNow(now);
  await wipe();
  asked = [];
});
afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
});

/** Answers by path; what is asked is kept. */
function server(answers: (method: string, path: string) => unknown) {
  vi.stubGlobal('fetch', async (req: Request) => {
    const url = new URL(req.url);
    const text = req.method === 'GET' ? '' : await req.clone().text();
    asked.push({
      method: req.method,
      url: url.pathname + url.search,
      body: text.startsWith('{') ? JSON.parse(text) : text,
    });
    const out = answers(req.method, url.pathname);
    return out === undefined
      ? Response.json({ kind: 'not_found', message_zh: '没有', message_en: 'none' }, { status: 404 })
      : Response.json(out);
  });
}

function page(node: React.ReactNode, permissions: string[]) {
  const client = newQueryClient();
  client.setQueryData(meKey, { permissions, grants: [], roles: [], scopes: [] });
  return render(<QueryClientProvider client={client}>{node}</QueryClientProvider>);
}

describe('what residents are told', () => {
  it('is one sentence with the surname and the promised hour', () => {
    expect(sentence(t, order({ state: 'en_route' }))).toBe('魏师傅在路上，下午 3:00 前到');
    expect(sentence(t, order({ state: 'waiting', worker: undefined }))).toBe('暂时没有人手，有人就派给您');
    expect(sentence(t, order({ state: 'accepted', worker: undefined, facility: 'fac_1' }))).toBe(
      '时段已留好',
    );
    expect(callName(t, order({ item: 'health' }))).toBe('魏医生');
    expect(callName(t, order({ worker: undefined }))).toBe('服务人员');
  });
  it('follows the service from the words to the rating', () => {
    const steps = courseOf(t, order({ state: 'en_route', since: '2026-11-23T14:10:00+08:00' }));
    expect(steps.map((s) => [s.name, Boolean(s.at)])).toEqual([
      ['收到您的需求', true],
      ['有人接单', true],
      ['出发', true],
      ['到达', false],
      ['做完', false],
      ['评价', false],
    ]);
    expect(courseOf(t, order({ facility: 'fac_1' })).map((s) => s.name)).not.toContain('出发');
  });
});

describe('acts that wait on the phone', () => {
  it('show the job as it stands with them, in order', () => {
    const seen = withPending(task({ steps: [step({ no: 5 })] }), [
      command('en-route', { at: 'a' }),
      command('arrive', { at: 'b' }),
      command('steps/5', { at: 'c' }),
    ]);
    expect([seen.state, seen.arrived_at, seen.steps[0]?.done_at]).toEqual(['arrived', 'b', 'c']);
  });
  it('count for nothing once refused, of another job, or a bare photo', () => {
    const mine = task();
    expect(
      withPending(mine, [
        command('arrive', {}, { refused: { zh: '', en: '' } }),
        command('arrive', {}, { subject: 'ord_2' }),
        command('evidence?kind=photo', undefined, { file: new Blob(['x']) }),
      ]),
    ).toEqual(mine);
  });
  it('go back to where a pause began', () => {
    const paused = withPending(task({ state: 'arrived' }), [command('pause', { at: 'a' })]);
    expect([paused.state, paused.held]).toEqual(['paused', 'arrived']);
    expect(withPending(paused, [command('resume', { at: 'b' })]).state).toBe('arrived');
  });
});

it('a worker sees the steps of the field and all required ones, and what to bring', () => {
  const steps = [
    step({ no: 1, owner: 'resident' }),
    step({ no: 2, owner: 'dispatcher', evidence: 'note' }),
    step({ no: 3, evidence: 'photo' }),
    step({ no: 4, evidence: 'photo' }),
    step({ no: 5, owner: 'resident', evidence: 'signature', required: true }),
    step({ no: 6, evidence: 'note', done_at: 'x' }),
  ];
  expect(ownSteps(steps).map((s) => s.no)).toEqual([3, 4, 5, 6]);
  expect(needsOf(steps)).toEqual(['photo', 'signature']);
  expect(missing(steps).map((s) => s.no)).toEqual([5]);
});

it('jobs stand in the order they are done: who is at a door first, then by the plan; finished ones apart', () => {
  const at = (id: string, state: Task['state'], start: string) => task({ id, state, start });
  const { open, done } = inOrder([
    at('c', 'accepted', '2026-11-23T16:00:00+08:00'),
    at('a', 'accepted', '2026-11-23T09:00:00+08:00'),
    at('d', 'finished', '2026-11-23T08:00:00+08:00'),
    at('b', 'arrived', '2026-11-23T12:00:00+08:00'),
  ]);
  expect([open.map((x) => x.id), done.map((x) => x.id)]).toEqual([['b', 'a', 'c'], ['d']]);
});

it('rows hold still: known ones change in place, new ones wait', () => {
  const id = (r: { id: string }) => r.id;
  const first = [
    { id: 'a', n: 1 },
    { id: 'b', n: 1 },
  ];
  expect(
    calm(
      first,
      [
        { id: 'z', n: 0 },
        { id: 'b', n: 2 },
        { id: 'a', n: 1 },
      ],
      id,
    ),
  ).toEqual([
    { id: 'a', n: 1 },
    { id: 'b', n: 2 },
  ]);
  expect(calm(first, [], id)).toEqual(first);
  expect(calm([], first, id)).toEqual(first);
});

it('a step goes to the server after its pictures, under their ids and at the moment it was done', async () => {
  let n = 0;
  server((_, p) => ({ id: p.endsWith('evidence') ? `evd_${++n}` : 'ord_1' }));
  await recordStep('ord_1', step({ no: 6, evidence: 'photo' }), {
    pictures: [new Blob(['1']), new Blob(['2'])],
  });
  expect(asked.map((a) => a.url)).toEqual([
    '/api/v1/orders/ord_1/evidence?kind=photo',
    '/api/v1/orders/ord_1/evidence?kind=photo',
    '/api/v1/orders/ord_1/steps/6',
  ]);
  expect(asked[2]?.body).toMatchObject({ evidence: ['evd_1', 'evd_2'] });
  const at = Date.parse(String((asked[2]?.body as { at?: string } | undefined)?.at));
  expect(Math.abs(at - now)).toBeLessThan(60_000);
});

it('a step that asks for a note is recorded only with one', async () => {
  server(() => ({ id: 'ord_1' }));
  const onClose = vi.fn();
  HTMLDialogElement.prototype.showModal ??= vi.fn();
  render(<StepSheet order="ord_1" step={step({ no: 6, evidence: 'note' })} onClose={onClose} />);
  const save = screen.getByText('记下').closest('button') as HTMLButtonElement;
  expect(save.disabled).toBe(true);
  fireEvent.change(screen.getByRole('textbox', { hidden: true }), { target: { value: '水管已换' } });
  expect(save.disabled).toBe(false);
  await act(async () => fireEvent.click(save));
  await waitFor(() => expect(onClose).toHaveBeenCalled());
  expect(asked.at(-1)?.body).toMatchObject({ note: '水管已换' });
});

describe('the service page', () => {
  it('asks to confirm or object once the service is done, and confirms', async () => {
    server((m, p) =>
      m === 'GET'
        ? detail({ state: 'finished', may: ['confirm', 'dispute'] })
        : p.endsWith('/confirm')
          ? { id: 'ord_1' }
          : undefined,
    );
    page(<ServicePage params={{ id: 'ord_1' }} />, ['order.confirm', 'order.read']);
    const yes = await screen.findByText('确认做好了');
    expect(screen.getByText('没做好')).toBeTruthy();
    await act(async () => fireEvent.click(yes));
    await waitFor(() =>
      expect(asked.some((a) => a.method === 'POST' && a.url.endsWith('/confirm'))).toBe(true),
    );
  });
  it('offers to urge while it runs, and says in words when that was too soon', async () => {
    vi.stubGlobal('fetch', async (req: Request) =>
      req.method === 'GET'
        ? Response.json(detail({ state: 'en_route' }))
        : Response.json(
            { kind: 'exhausted', message_zh: '刚催过，10 分钟后可再催', message_en: 'urged just now' },
            { status: 429 },
          ),
    );
    page(<ServicePage params={{ id: 'ord_1' }} />, ['dispatch.urge', 'order.read']);
    await act(async () => fireEvent.click(await screen.findByText('催一下')));
    expect((await screen.findByRole('alert')).textContent).toBe('刚催过，10 分钟后可再催');
  });
  it('says so when there is no such service, and still leads to a human', async () => {
    server(() => undefined);
    page(<ServicePage params={{ id: 'ord_x' }} />, ['order.read']);
    expect(await screen.findByTestId('state-error')).toBeTruthy();
    expect(screen.getByText('打电话').closest('a')?.getAttribute('href')).toBe('tel:12345');
  });
});
