// A draft as a form: every step with both languages side by side. Steps move with buttons; Tab goes through the fields.
import { Button, Checkbox, Input, InputNumber, Select } from 'antd';
import { Panel } from '@/design/console';
import { Icon } from '@/design/core';
import { useLang } from '@/i18n';
import type { SopText, Step } from '../api';
import { useText } from '../text';
import css from './catalog.module.css';
import { useNames } from './marks';

const blank: Step = { zh: '', en: '', owner: 'provider-worker' };

export function SopEditor({ text, onChange }: { text: SopText; onChange: (t: SopText) => void }) {
  const t = useText().sop;
  const set = (steps: Step[]) => onChange({ ...text, steps });
  const at = (i: number, patch: Partial<Step>) =>
    set(text.steps.map((s, n) => (n === i ? { ...s, ...patch } : s)));
  const move = (i: number, by: number) => {
    const steps = [...text.steps];
    const [s] = steps.splice(i, 1);
    if (s) steps.splice(i + by, 0, s);
    set(steps);
  };
  return (
    <>
      <Panel>
        <div className={css.textHead}>
          <Line
            label={`${t.scope} · ${t.zh}`}
            value={text.scope_zh}
            max={400}
            onChange={(scope_zh) => onChange({ ...text, scope_zh })}
          />
          <Line
            label={`${t.scope} · ${t.en}`}
            value={text.scope_en}
            max={800}
            onChange={(scope_en) => onChange({ ...text, scope_en })}
          />
          <Line
            label={t.basis}
            value={text.basis}
            max={400}
            onChange={(basis) => onChange({ ...text, basis })}
          />
          <Line
            label={t.change}
            value={text.change}
            max={400}
            onChange={(change) => onChange({ ...text, change })}
          />
        </div>
      </Panel>
      {text.steps.map((s, i) => (
        <StepForm
          key={i}
          no={i + 1}
          step={s}
          last={i === text.steps.length - 1}
          onChange={(patch) => at(i, patch)}
          onMove={(by) => move(i, by)}
          onDrop={() => set(text.steps.filter((_, n) => n !== i))}
        />
      ))}
      <div>
        <Button
          onClick={() => set([...text.steps, { ...blank, owner: text.steps.at(-1)?.owner ?? blank.owner }])}
        >
          {t.addStep}
        </Button>
      </div>
    </>
  );
}

function Line({
  label,
  value,
  max,
  onChange,
  need,
  no,
}: {
  label: string;
  value: string | undefined;
  max: number;
  onChange: (v: string) => void;
  need?: boolean;
  /** Number of the step it belongs to. */
  no?: number;
}) {
  const t = useText().sop;
  return (
    <div className={css.line}>
      <span>{label}</span>
      <Input
        size="small"
        aria-label={no ? `${t.step(no)} ${label}` : label}
        maxLength={max}
        status={need && !value?.trim() ? 'error' : undefined}
        value={value ?? ''}
        onChange={(e) => onChange(e.target.value)}
      />
    </div>
  );
}

function StepForm({
  no,
  step: s,
  last,
  onChange,
  onMove,
  onDrop,
}: {
  no: number;
  step: Step;
  last: boolean;
  onChange: (patch: Partial<Step>) => void;
  onMove: (by: number) => void;
  onDrop: () => void;
}) {
  const t = useText().sop;
  const lang = useLang();
  const names = useNames();
  const tool = (name: 'up' | 'down' | 'trash', label: string, on: () => void, off?: boolean) => (
    <Button
      size="small"
      type="text"
      aria-label={`${t.step(no)} ${label}`}
      title={label}
      disabled={off}
      onClick={on}
      icon={<Icon name={name} size={16} />}
    />
  );
  return (
    <Panel
      title={t.step(no)}
      note={s[lang]}
      act={
        <>
          {tool('up', t.up, () => onMove(-1), no === 1)}
          {tool('down', t.down, () => onMove(1), last)}
          {tool('trash', t.drop, onDrop)}
        </>
      }
    >
      <div className={css.stepForm}>
        <Line
          no={no}
          need
          label={`${t.name} · ${t.zh}`}
          value={s.zh}
          max={80}
          onChange={(zh) => onChange({ zh })}
        />
        <Line
          no={no}
          need
          label={`${t.name} · ${t.en}`}
          value={s.en}
          max={160}
          onChange={(en) => onChange({ en })}
        />
        <div className={css.stepFacts}>
          <div className={css.line}>
            <span>{t.owner}</span>
            <Select
              size="small"
              aria-label={`${t.step(no)} ${t.owner}`}
              showSearch={{ optionFilterProp: 'label' }}
              value={s.owner}
              onChange={(owner) => onChange({ owner })}
              options={names.roles.map((r) => ({ value: r.code, label: r[lang] }))}
            />
          </div>
          <div className={css.line}>
            <span>{t.limit}</span>
            <InputNumber
              size="small"
              aria-label={`${t.step(no)} ${t.limit}`}
              min={0}
              max={525600}
              precision={0}
              title={t.minutes}
              value={s.limit_min ?? 0}
              onChange={(n) => onChange({ limit_min: n ?? 0 })}
            />
          </div>
          <div className={css.line}>
            <span>{t.evidence}</span>
            <Select
              size="small"
              aria-label={`${t.step(no)} ${t.evidence}`}
              value={s.evidence ?? ''}
              onChange={(evidence) => onChange({ evidence })}
              options={Object.entries(t.evidences).map(([value, label]) => ({
                value: value as NonNullable<Step['evidence']>,
                label,
              }))}
            />
          </div>
          <Checkbox checked={s.required ?? false} onChange={(e) => onChange({ required: e.target.checked })}>
            {t.required}
          </Checkbox>
        </div>
        <Line
          no={no}
          label={`${t.check} · ${t.zh}`}
          value={s.check_zh}
          max={300}
          onChange={(check_zh) => onChange({ check_zh })}
        />
        <Line
          no={no}
          label={`${t.check} · ${t.en}`}
          value={s.check_en}
          max={600}
          onChange={(check_en) => onChange({ check_en })}
        />
        <Line
          no={no}
          label={`${t.else} · ${t.zh}`}
          value={s.else_zh}
          max={300}
          onChange={(else_zh) => onChange({ else_zh })}
        />
        <Line
          no={no}
          label={`${t.else} · ${t.en}`}
          value={s.else_en}
          max={600}
          onChange={(else_en) => onChange({ else_en })}
        />
      </div>
    </Panel>
  );
}
