// Opens a number: definition, formula version, numerator, denominator, what is left out, rows.
import type { ReactNode } from 'react';
import { useBase } from '@/i18n/base';
import { count, type Moment, moment } from '../format';
import css from './figures.module.css';
import { Popover } from './Popover';

export interface LineageFacts {
  definition: string;
  formula?: string;
  version?: string;
  asOf?: Moment;
  numerator?: number;
  denominator?: number;
  excluded?: string[];
  rows?: number;
}

export function Lineage({
  facts,
  children,
  openRows,
}: {
  facts: LineageFacts;
  /** The number itself: it becomes the button. */
  children: ReactNode;
  /** A link to the rows behind the number. */
  openRows?: ReactNode;
}) {
  const t = useBase().lineage;
  const lines: [string, ReactNode][] = [];
  if (facts.formula) lines.push([t.formula, facts.formula]);
  if (facts.numerator !== undefined) lines.push([t.numerator, count(facts.numerator)]);
  if (facts.denominator !== undefined) lines.push([t.denominator, count(facts.denominator)]);
  if (facts.excluded?.length) lines.push([t.excluded, facts.excluded.join('；')]);
  if (facts.version) lines.push([t.version, facts.version]);
  if (facts.asOf) lines.push([t.asOf, moment(facts.asOf)]);
  return (
    <Popover text={children} label={t.open} className={css.opens}>
      <div className={css.lineage}>
        <p>{facts.definition}</p>
        <dl>
          {lines.map(([k, v]) => (
            <div key={k}>
              <dt>{k}</dt>
              <dd>{v}</dd>
            </div>
          ))}
        </dl>
        <div className={css.lineageFoot}>
          {facts.rows !== undefined ? <span>{t.rows(count(facts.rows))}</span> : <span />}
          {openRows}
        </div>
      </div>
    </Popover>
  );
}
