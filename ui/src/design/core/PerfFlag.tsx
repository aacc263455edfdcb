// Performance warning 红黄蓝灰: an outlined plate with a stripe, never a solid glyph. Green shows nothing.
import { useBase } from '@/i18n/base';
import css from './figures.module.css';

export type PerfLevel = 'green' | 'blue' | 'yellow' | 'red' | 'gray';

export function PerfFlag({ level, streak, reason }: { level: PerfLevel; streak?: number; reason?: string }) {
  const t = useBase();
  if (level === 'green') return null;
  return (
    <span className={css.perf} data-perf={level} title={reason}>
      <i />
      {t.perf[level]}
      {streak && streak > 1 ? <small>{t.streak(streak)}</small> : null}
    </span>
  );
}
