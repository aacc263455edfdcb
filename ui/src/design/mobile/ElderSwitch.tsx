// Three sizes of text, remembered in this browser. It changes tokens only: every page is the same page.
import { ChoiceCards } from './Field';
import { type Mode, setMode, sizes, useMode } from './mode';
import { useText } from './text';

export function ElderSwitch() {
  const t = useText();
  const mode = useMode();
  return (
    <ChoiceCards
      label={t.size}
      columns={3}
      value={mode === 'sun' ? '' : mode}
      onChange={(v) => setMode(v as Mode)}
      choices={sizes.map((s) => ({ value: s, title: t.sizes[s] ?? s }))}
    />
  );
}
