// Small marks of an order in lists and heads: its promise class, its time left. Texts, not controls.
import { LevelMark, TimeLeft } from '@/design/core';
import { ended, type Order } from '../api';
import { useText as useWords } from '../text';
import { clockStart, severityOf } from '../words';

/** Urgent and soon as graded marks, the other classes as plain words. */
export function Class({ sla, quiet }: { sla: Order['sla']; quiet?: boolean }) {
  const t = useWords();
  const severity = severityOf(sla);
  if (severity) return <LevelMark severity={severity} word={t.sla[sla]} />;
  return quiet ? null : <span>{t.sla[sla]}</span>;
}

export function Left({ order: o }: { order: Order }) {
  return (
    <TimeLeft
      due={o.due.limit_at}
      from={clockStart(o)}
      paused={o.due.stopped}
      done={ended.includes(o.state) ? o.closed_at : undefined}
    />
  );
}
