// An amount of money from fen. In tables the header names the unit; `unit` adds it elsewhere.
import { amount, yuan } from '../format';
import css from './core.module.css';

export function Money({ fen, unit }: { fen: number | null | undefined; unit?: boolean }) {
  if (fen === null || fen === undefined) return <span className={css.money}>—</span>;
  return <span className={css.money}>{unit ? amount(fen) : yuan(fen)}</span>;
}
