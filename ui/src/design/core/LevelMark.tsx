// Grade of an alarm or risk: shape + word + color, so that it ranks in grayscale. Not focusable.
import { useBase } from '@/i18n/base';
import css from './core.module.css';

const shapes = {
  urgent: 'M10 2.5 18.5 17h-17z',
  soon: 'M10 2 18 7.9 15 17.5H5L2 7.9z',
  care: 'M10 1.5 18.5 10 10 18.5 1.5 10z',
  note: 'M10 3a7 7 0 1 1 0 14 7 7 0 0 1 0-14z',
};

/** The kind of glyph and color of a severity from 1 (a note) to 5 (urgent). */
export function levelOf(severity: number): keyof typeof shapes {
  return severity >= 4 ? 'urgent' : severity === 3 ? 'soon' : severity === 2 ? 'care' : 'note';
}

/** The bare glyph, for maps, lanes and tight rows; give it a title when no word stands beside it. */
export function LevelGlyph({
  severity,
  size = 14,
  title,
}: {
  severity: number;
  size?: number;
  title?: string;
}) {
  return (
    <svg
      className={css.glyph}
      data-level={levelOf(severity)}
      width={size}
      height={size}
      viewBox="0 0 20 20"
      role={title ? 'img' : undefined}
      aria-label={title}
      aria-hidden={title ? undefined : true}
    >
      <path d={shapes[levelOf(severity)]} />
    </svg>
  );
}

export function LevelMark({ severity, word }: { severity: number; word?: string }) {
  const t = useBase();
  return (
    <span className={css.level} data-level={levelOf(severity)}>
      <LevelGlyph severity={severity} />
      {word ?? t.level[Math.min(5, Math.max(1, severity))]}
    </span>
  );
}

/** The outline of the glyph on a 20×20 grid, for drawing it as a map image. */
export const glyphPath = (severity: number): string => shapes[levelOf(severity)];
