// A clerk's decision: open an order, refer, or answer at once. Everything known is filled in; only what is wrong is changed.
import { Form, Input, Radio, Segmented, Select } from 'antd';
import { Section } from '@/design/console';
import { pick, useLang } from '@/i18n';
import type { Detail } from '../api';
import { useText as useWords } from '../text';
import css from './demand.module.css';
import { PlaceSelect } from './PlaceSelect';
import { ResidentSelect } from './ResidentSelect';
import { SpecSelect } from './SpecSelect';
import { useText } from './text';
import { useNames } from './useNames';
import type { Mode, TriageHandle } from './useTriage';
import { WishFields } from './WishFields';

export function TriageForm({
  demand: d,
  triage: { draft: f, set },
}: {
  demand: Detail;
  triage: TriageHandle;
}) {
  const t = useText();
  const w = useWords();
  const lang = useLang();
  const names = useNames();
  const lacks = d.why.filter((x) => x !== 'danger' && x !== 'consent').map((x) => t.lacks[x]);
  return (
    <Section
      title={t.triage}
      note={lacks.length > 0 ? t.asksFor(lacks.join(lang === 'zh' ? '、' : ', ')) : undefined}
    >
      <Form layout="vertical" className={css.form}>
        <Segmented
          block
          aria-label={t.mode.label}
          value={f.mode}
          onChange={(v) => set({ mode: v as Mode })}
          options={(['order', 'refer', 'answer'] as const).map((m) => ({ value: m, label: t.mode[m] }))}
        />
        {f.mode === 'order' ? (
          <>
            <Form.Item label={t.spec} htmlFor="triage-spec" required>
              <SpecSelect id="triage-spec" value={f.spec} onChange={(spec) => set({ spec })} />
            </Form.Item>
            <Form.Item label={t.place} htmlFor="triage-place">
              <PlaceSelect id="triage-place" value={f.place} onChange={(place) => set({ place })} />
            </Form.Item>
            <Form.Item label={t.resident} htmlFor="triage-resident">
              <ResidentSelect
                id="triage-resident"
                value={f.resident}
                known={d.name}
                onChange={(resident, r) =>
                  set({
                    resident,
                    place: f.place ?? (r && r.place.split('/').length >= 3 ? r.place : undefined),
                  })
                }
              />
            </Form.Item>
            {d.why.includes('consent') ? <p className={css.soft}>{t.consentNote}</p> : null}
            <Form.Item label={t.wish}>
              <WishFields value={f} onChange={set} />
            </Form.Item>
            <Form.Item label={t.urgency}>
              <Segmented
                block
                aria-label={t.urgency}
                value={f.urgency}
                onChange={(urgency) => set({ urgency })}
                options={w.urgency.map((label, value) => ({ label, value }))}
              />
            </Form.Item>
          </>
        ) : f.mode === 'refer' ? (
          <Form.Item label={t.office} htmlFor="triage-office" required>
            <Select
              id="triage-office"
              aria-label={t.office}
              showSearch={{ optionFilterProp: 'label' }}
              value={f.office}
              onChange={(office: string) => set({ office })}
              options={names.offices.map((o) => ({ value: o.code, label: pick(o, lang) }))}
            />
          </Form.Item>
        ) : (
          <>
            <Form.Item label={t.outcome}>
              <Radio.Group
                aria-label={t.outcome}
                value={f.outcome}
                onChange={(e) => set({ outcome: e.target.value as 'answered' })}
                options={[
                  { value: 'answered', label: t.answered },
                  { value: 'unlawful', label: t.unlawful },
                ]}
              />
            </Form.Item>
            <Form.Item label={t.note} htmlFor="triage-note">
              <Input.TextArea
                id="triage-note"
                rows={3}
                maxLength={500}
                value={f.note}
                onChange={(e) => set({ note: e.target.value })}
              />
            </Form.Item>
          </>
        )}
      </Form>
    </Section>
  );
}
