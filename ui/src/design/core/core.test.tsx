import { act, cleanup, fireEvent, render, screen } from '@testing-library/react';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Problem } from '@/api/problem';
import { setLang } from '@/i18n';
import { setServerNow } from '../clock';
import {
  LevelMark,
  Lineage,
  Loaded,
  PerfFlag,
  PersonName,
  StatePanel,
  Steps,
  TimeLeft,
  urgencyOf,
  Why,
} from '.';

const now = Date.parse('2026-11-23T16:08:00+08:00');
const min = 60_000;

beforeEach(() => {
  vi.useFakeTimers({ now });
  setServerNow(now);
  setLang('zh');
});
afterEach(() => {
  cleanup();
  vi.useRealTimers();
});

const text = (node: React.ReactNode) => {
  const { container } = render(node);
  const said = container.textContent;
  cleanup();
  return said;
};

describe('levels', () => {
  it('are a shape and a word, four of each', () => {
    const seen = [1, 2, 3, 4, 5].map((s) => {
      const { container } = render(<LevelMark severity={s} />);
      const got = [container.textContent, container.querySelector('path')?.getAttribute('d')];
      cleanup();
      return got;
    });
    expect(seen.map(([word]) => word)).toEqual(['提示', '注意', '较急', '紧急', '紧急']);
    expect(new Set(seen.map(([, d]) => d)).size).toBe(4);
  });
  it('of performance never look like alarms; green shows nothing', () => {
    expect(text(<PerfFlag level="yellow" streak={2} />)).toBe('黄 · 警示连续第 2 月');
    expect(text(<PerfFlag level="gray" />)).toBe('灰 · 不评判');
    expect(text(<PerfFlag level="green" />)).toBe('');
  });
});

describe('time left', () => {
  it('is calm, close in its last quarter, and over', () => {
    const from = now - 30 * min;
    const at = (left: number) => urgencyOf(now + left * min, from, now);
    expect([at(60), at(10), at(-1)]).toEqual(['calm', 'close', 'over']);
    expect(urgencyOf(undefined, from, now)).toBe('calm');
  });
  it('is said in words and counts on server time', () => {
    expect(text(<TimeLeft due={now + 6 * min} />)).toBe('还剩 6 分');
    expect(text(<TimeLeft due={now - 4 * min} />)).toBe('已超 4 分');
    expect(text(<TimeLeft due={now - 20_000} />)).toBe('刚超时');
    expect(text(<TimeLeft due={now} paused />)).toBe('已暂停');
    expect(text(<TimeLeft due={now} done={now - min} />)).toBe('今天 16:07');
    render(<TimeLeft due={now + 6 * min} />);
    act(() => void vi.advanceTimersByTime(2 * min + 1000));
    screen.getByText('还剩 3 分');
  });
});

describe('states', () => {
  it('an error says what happened, its number, and offers one retry', () => {
    const retry = vi.fn();
    const error = new Problem({
      kind: 'unavailable',
      zh: '没连上数据库',
      en: 'no database',
      requestId: '7f3a',
    });
    render(<Loaded query={{ data: undefined, error, refetch: retry }}>{() => <p>rows</p>}</Loaded>);
    expect(screen.getByTestId('state-error').textContent).toBe('没连上数据库编号 7f3a再试一次');
    fireEvent.click(screen.getByRole('button'));
    expect(retry).toHaveBeenCalledOnce();
  });
  it('old data stays under an error, and an empty list says so', () => {
    const error = new Problem({ kind: 'offline', zh: '断网', en: 'offline' });
    render(<Loaded query={{ data: [1], error }}>{() => <p>rows</p>}</Loaded>);
    screen.getByText('rows');
    screen.getByText('断网');
    cleanup();
    render(
      <Loaded query={{ data: [] as number[], error: null }} empty="没有待派的服务单。">
        {() => <p>rows</p>}
      </Loaded>,
    );
    expect(screen.queryByText('rows')).toBeNull();
    screen.getByTestId('state-empty');
  });
  it('a missing right is never a blank and never a retry', () => {
    const error = new Problem({
      kind: 'forbidden',
      zh: '健康档案只对签约医生开放',
      en: 'for the doctor only',
    });
    render(<Loaded query={{ data: undefined, error, refetch: vi.fn() }}>{() => null}</Loaded>);
    screen.getByTestId('state-forbidden');
    expect(screen.queryByRole('button')).toBeNull();
  });
  it('loading shows nothing for 200 ms, then rows', () => {
    const { container } = render(<StatePanel state="loading" rows={3} />);
    expect(container.querySelectorAll('i').length).toBe(0);
    act(() => void vi.advanceTimersByTime(250));
    expect(container.querySelectorAll('i').length).toBe(3);
  });
});

describe('what opens', () => {
  it('a name opens for a reason, for sixty seconds', async () => {
    const reveal = vi.fn(async () => '王桂兰');
    render(<PersonName name="王女士" onReveal={reveal} />);
    fireEvent.click(screen.getByText('查看'));
    fireEvent.click(screen.getByText('核实身份'));
    await act(() => vi.advanceTimersByTimeAsync(0));
    expect(reveal).toHaveBeenCalledWith('核实身份');
    screen.getByText('王桂兰');
    act(() => void vi.advanceTimersByTime(60_000));
    screen.getByText('王女士');
  });
  it('a number opens to its definition and closes with Escape', () => {
    render(
      <Lineage facts={{ definition: '登记后 24 小时内派出', numerator: 1089, denominator: 1188, rows: 1188 }}>
        <span>91.7%</span>
      </Lineage>,
    );
    fireEvent.click(screen.getByText('91.7%'));
    expect(screen.getByRole('dialog').textContent).toContain('分子1,089');
    fireEvent.keyDown(document.activeElement ?? document.body, { key: 'Escape' });
    expect(screen.queryByRole('dialog')).toBeNull();
  });
  it('a decision says why, and why not the others', () => {
    const said = text(
      <Why
        reasons={[{ text: '有助浴证' }, { text: '离得最近', part: '+0.3' }]}
        refused={[{ name: '李秀英', because: '没有助浴证' }]}
      />,
    );
    expect(said).toBe('有助浴证离得最近+0.3没有选的李秀英没有助浴证');
  });
});

it('steps mark what is done and what is next', () => {
  render(<Steps steps={[{ name: '接单', at: now }, { name: '在路上' }, { name: '到场' }]} />);
  const items = screen
    .getAllByRole('listitem')
    .map((li) => [li.dataset.done, li.getAttribute('aria-current')]);
  expect(items).toEqual([
    ['true', null],
    ['false', 'step'],
    ['false', null],
  ]);
});
