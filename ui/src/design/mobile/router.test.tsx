import { act, render, screen } from '@testing-library/react';
import { beforeEach, expect, it } from 'vitest';
import { go, match, type PageRoute, Pages } from './router';

beforeEach(() => history.replaceState(null, '', '/h'));

it('a pattern fits whole paths and gives its parameters', () => {
  expect(match('/h/orders/$id', '/h/orders/ord_1')).toEqual({ id: 'ord_1' });
  expect(match('/h/orders/$id', '/h/orders/a%2Fb')).toEqual({ id: 'a/b' });
  expect([
    match('/h/orders/$id', '/h/orders'),
    match('/h/orders/$id', '/h/orders/'),
    match('/h', '/w'),
  ]).toEqual([undefined, undefined, undefined]);
});

const routes: PageRoute[] = [
  { path: '/h/orders/$id', page: ({ params }) => <p>order {params.id}</p> },
  { path: '/h/orders/new', page: () => <p>new order</p> },
  { path: '/h', page: () => <p>home</p> },
  {
    path: '/h/broken',
    page: () => {
      throw new Error('broken');
    },
  },
];

it('shows the page of the address, a fixed path before a parameter, and survives a page that throws', () => {
  render(<Pages routes={routes} loading={null} notFound={<p>none</p>} crash={() => <p>crashed</p>} />);
  screen.getByText('home');
  for (const [to, text] of [
    ['/h/orders/ord_7?tab=1', 'order ord_7'],
    ['/h/orders/new', 'new order'],
    ['/h/nowhere', 'none'],
    ['/h/', 'home'],
  ] as const) {
    act(() => go(to));
    screen.getByText(text);
  }
  const quiet = console.error;
  console.error = () => undefined;
  act(() => go('/h/broken'));
  console.error = quiet;
  screen.getByText('crashed');
  act(() => go('/h'));
  screen.getByText('home');
});
