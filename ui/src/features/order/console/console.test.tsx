import { cleanup, fireEvent, render, screen } from '@testing-library/react';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { setLang } from '@/i18n';
import { order } from '../sample.test-env';
import { ReasonDialog } from './ReasonDialog';
import { filterOf, pressing, searchOf } from './search';

beforeEach(() => setLang('zh'));
afterEach(cleanup);

describe('the address of the list', () => {
  it('keeps what it knows and leaves out what it does not', () => {
    expect(
      searchOf({
        show: 'late',
        state: ['open', 'nonsense'],
        sla: 'P9',
        q: 261123,
        view: 'board',
        x: 1,
        sel: '',
      }),
    ).toEqual({ show: 'late', state: ['open'], q: '261123', view: 'board' });
    expect(searchOf({})).toEqual({});
  });
  it('read twice is read once', () => {
    const s = { show: 'done', state: 'closed', item: 'health', broken: true, sel: 'ord_1' };
    expect(searchOf({ ...searchOf(s) })).toEqual(searchOf(s));
  });
  it('asks for ended orders only when they are wanted, and for the chosen place', () => {
    expect(filterOf({ show: 'done' }).state).toEqual(['closed', 'failed', 'canceled']);
    expect(filterOf({ show: 'late' }, '990001001001')).toMatchObject({
      state: undefined,
      place: '990001001001',
    });
  });
});

it('an order presses when it is late or has less than half an hour, unless its clock is stopped', () => {
  const now = Date.parse('2026-11-23T10:45:00+08:00');
  const due = order().due;
  expect(pressing({ due }, now)).toBe(true); // limit 11:00
  expect(pressing({ due }, now - 60 * 60_000)).toBe(false);
  expect(pressing({ due: { ...due, stopped: true } }, now)).toBe(false);
  expect(pressing({ due: { ...due, limit_at: undefined } }, now)).toBe(false);
});

it('a cancellation needs its reason, and "other" a sentence', () => {
  const onDone = vi.fn();
  render(<ReasonDialog act="cancel" busy={false} onCancel={() => undefined} onDone={onDone} />);
  const ok = document.querySelector('.ant-btn-primary') as HTMLButtonElement;
  expect(ok.disabled).toBe(true);
  fireEvent.click(screen.getByText('其他'));
  expect(ok.disabled).toBe(true);
  fireEvent.change(screen.getByLabelText('说明'), { target: { value: '居民搬走了' } });
  expect(ok.disabled).toBe(false);
  fireEvent.click(ok);
  expect(onDone).toHaveBeenCalledWith({ reason: 'other', note: '居民搬走了' });
});
