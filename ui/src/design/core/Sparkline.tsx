// A line the size of a word: the recent course of a figure, its target as a dashed line, its last value as a dot.
import css from './figures.module.css';

export function Sparkline({
  values,
  target,
  label,
  width = 96,
  height = 24,
}: {
  values: (number | null)[];
  target?: number;
  /** What a screen reader says instead of the line. */
  label: string;
  width?: number;
  height?: number;
}) {
  const known = values.filter((v): v is number => v !== null);
  if (known.length < 2) return null;
  const all = target === undefined ? known : [...known, target];
  const min = Math.min(...all);
  const range = Math.max(...all) - min || 1;
  const x = (i: number) => 2 + (i * (width - 6)) / (values.length - 1);
  const y = (v: number) => 3 + (1 - (v - min) / range) * (height - 6);
  let d = '';
  let pen = 'M';
  for (const [i, v] of values.entries()) {
    if (v === null) {
      pen = 'M'; // a gap in the data is a gap in the line
      continue;
    }
    d += `${pen}${x(i).toFixed(1)} ${y(v).toFixed(1)}`;
    pen = 'L';
  }
  let last = values.length - 1;
  while (values[last] === null) last--;
  return (
    <svg className={css.spark} width={width} height={height} role="img" aria-label={label}>
      {target !== undefined ? <line x1={2} x2={width - 4} y1={y(target)} y2={y(target)} /> : null}
      <path d={d} />
      <circle cx={x(last)} cy={y(values[last] as number)} r={2.5} />
    </svg>
  );
}
