// Progress of a service: neutral steps with their times, never level colors.

import { clock, type Moment, millis } from '../format';
import { Icon } from '../icons/Icon';
import css from './core.module.css';

export interface Step {
  name: string;
  /** When it happened; empty for what is still to come. */
  at?: Moment;
  note?: string;
}

export function Steps({ steps, vertical }: { steps: Step[]; vertical?: boolean }) {
  const current = steps.findIndex((s) => millis(s.at) === undefined);
  return (
    <ol className={css.steps} data-vertical={vertical}>
      {steps.map((s, i) => {
        const done = millis(s.at) !== undefined;
        return (
          <li key={s.name} data-done={done} aria-current={i === current ? 'step' : undefined}>
            <span className={css.stepDot}>{done ? <Icon name="check" size={12} /> : null}</span>
            <span className={css.stepName}>{s.name}</span>
            <small>{done ? clock(s.at) : (s.note ?? '')}</small>
          </li>
        );
      })}
    </ol>
  );
}
