// Five faces with words, or a number from 0 to 10. Arrow keys choose.
import { useId } from 'react';
import css from './mobile.module.css';
import { useText } from './text';

/** Mouths from sad to glad: control height of the curve on a 40×40 face. */
const mouths = [21, 24.5, 28, 31.5, 35];

export function RatingFaces({
  label,
  value,
  onChange,
}: {
  label: string;
  /** 1 to 5. */
  value: number | undefined;
  onChange: (v: number) => void;
}) {
  const t = useText();
  const name = useId();
  return (
    <fieldset className={css.faces}>
      <legend>{label}</legend>
      <div>
        {mouths.map((m, i) => (
          <label key={m}>
            <input
              type="radio"
              name={name}
              className="sr-only"
              checked={value === i + 1}
              onChange={() => onChange(i + 1)}
            />
            <svg viewBox="0 0 40 40" aria-hidden="true">
              <circle cx="20" cy="20" r="17" />
              <path d={`M12 ${28 + (28 - m) * 0.35}Q20 ${m} 28 ${28 + (28 - m) * 0.35}M14 15v1M26 15v1`} />
            </svg>
            <span>{t.faces[i]}</span>
          </label>
        ))}
      </div>
    </fieldset>
  );
}

/** How likely to recommend: 0 to 10, the question of the net promoter score. */
export function RatingScale({
  label,
  low,
  high,
  value,
  onChange,
}: {
  label: string;
  low: string;
  high: string;
  value: number | undefined;
  onChange: (v: number) => void;
}) {
  const name = useId();
  return (
    <fieldset className={css.scale}>
      <legend>{label}</legend>
      <div>
        {Array.from({ length: 11 }, (_, n) => (
          <label key={n}>
            <input
              type="radio"
              name={name}
              className="sr-only"
              checked={value === n}
              onChange={() => onChange(n)}
            />
            <span>{n}</span>
          </label>
        ))}
      </div>
      <p>
        <span>{low}</span>
        <span>{high}</span>
      </p>
    </fieldset>
  );
}
