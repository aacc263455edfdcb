import { Input } from 'antd';
import { useText } from '../text';

/** Why somebody decides so, in a sentence; it goes into the audit trail. */
export function ReasonInput({
  value,
  onChange,
  onEnter,
}: {
  value: string;
  onChange: (words: string) => void;
  onEnter?: () => void;
}) {
  const t = useText().act;
  return (
    <Input
      autoFocus
      maxLength={200}
      aria-label={t.reason}
      placeholder={t.reasonHint}
      value={value}
      onChange={(e) => onChange(e.target.value)}
      onPressEnter={onEnter}
    />
  );
}
