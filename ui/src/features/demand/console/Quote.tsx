// What was said, with the words that decided, the values read and the passages shared standing out. A text, not a control.
import { type Mark, segments } from '../marks';
import css from './demand.module.css';

export function Quote({ text, marks, lines }: { text: string; marks: Mark[]; lines?: number }) {
  return (
    <p
      className={css.quote}
      data-clamp={lines !== undefined}
      style={lines ? { WebkitLineClamp: lines } : undefined}
    >
      {segments(text, marks).map((s, i) =>
        s.kind ? (
          <mark key={i} data-kind={s.kind}>
            {s.text}
          </mark>
        ) : (
          s.text
        ),
      )}
    </p>
  );
}
