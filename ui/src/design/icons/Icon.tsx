// One icon of the own family. Decorative: the word beside it carries the meaning.
import { type IconName, paths } from './paths';

export type { IconName } from './paths';

export function Icon({
  name,
  size = 20,
  className,
}: {
  name: IconName;
  size?: number | string;
  className?: string;
}) {
  return (
    <svg
      className={className}
      width={size}
      height={size}
      viewBox="0 0 24 24"
      fill="none"
      stroke="currentColor"
      strokeWidth={1.75}
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
      focusable="false"
    >
      <path d={paths[name]} />
    </svg>
  );
}

/** The mark of the product: two door plates sharing a wall. */
export function Mark({ size = 28 }: { size?: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 32 32" aria-hidden="true" focusable="false">
      <path fill="var(--brand)" d="M4 6a3 3 0 0 1 3-3h9v26H7a3 3 0 0 1-3-3z" />
      <path
        fill="var(--surface)"
        stroke="var(--brand)"
        strokeWidth="2.5"
        d="M16 4.25h9A1.75 1.75 0 0 1 26.75 6v20A1.75 1.75 0 0 1 25 27.75h-9z"
      />
      <circle cx="12" cy="16" r="1.75" fill="var(--surface)" />
      <circle cx="20.5" cy="16" r="1.75" fill="var(--brand)" />
    </svg>
  );
}
