import { App } from 'antd';
import { wordsOf } from '@/api/client';

/**
 * How the console answers an act: `done('已派给周敏，约 11 分钟到', undo)` says what happened
 * and offers 撤回 for 5 s; `failed(err)` says what is still safe.
 */
export function useActWords() {
  const { message } = App.useApp();
  return {
    done: (words: string) => void message.success(words),
    failed: (err: unknown) => void message.error(wordsOf(err), 6),
  };
}
