// The classes of promises: how soon somebody accepts, calls, arrives and closes, and who hears when nobody accepts. ↑↓ move.
import { Button, Form, InputNumber, Select, Switch } from 'antd';
import { useMay } from '@/api/me';
import { Panel, SidePanel, useActWords, WorkList } from '@/design/console';
import { Icon, StatePanel } from '@/design/core';
import { count, duration } from '@/design/format';
import { useLang } from '@/i18n';
import { type Catalog, type Sla, useSaveRow } from '../api';
import { useText } from '../text';
import css from './catalog.module.css';
import { SourceMark, useNames } from './marks';
import { SourceFields } from './SourceFields';

export const minutesWords = (n: number) => duration(n * 60_000);

export function SlaTab({
  catalog: c,
  selected,
  onSelect,
}: {
  catalog: Catalog;
  selected: string | undefined;
  onSelect: (code: string) => void;
}) {
  const t = useText();
  const lang = useLang();
  const ladder = useLadder();
  return (
    <Panel flush>
      <WorkList<Sla>
        label={t.tab.sla}
        rows={c.slas}
        id={(s) => s.code}
        selected={selected}
        onSelect={(s) => onSelect(s.code)}
        maxHeight="calc(100vh - 232px)"
        columns={[
          {
            key: 'n',
            title: t.col.sla,
            width: 'minmax(96px, 0.7fr)',
            render: (s) => (
              <b>
                {s.code} {s[lang]}
              </b>
            ),
          },
          { key: 'a', title: t.sla.accept, width: '88px', render: (s) => minutesWords(s.accept_min) },
          { key: 'c', title: t.sla.contact, width: '104px', render: (s) => minutesWords(s.contact_min) },
          {
            key: 's',
            title: t.sla.start,
            width: '112px',
            render: (s) => (s.start_min ? minutesWords(s.start_min) : t.sla.bySlot),
          },
          ...(selected
            ? []
            : [
                {
                  key: 'e',
                  title: t.sla.close,
                  width: '144px',
                  render: (s: Sla) => (s.close_min ? minutesWords(s.close_min) : t.sla.byEvent),
                },
                {
                  key: 'd',
                  title: t.sla.clock,
                  width: '112px',
                  render: (s: Sla) => (s.all_day ? t.sla.allDay : t.sla.service),
                },
                {
                  key: 'l',
                  title: t.sla.ladder,
                  width: 'minmax(160px, 1.6fr)',
                  render: (s: Sla) => (
                    <span title={ladder(s).join('\n')}>{ladder(s).join(lang === 'zh' ? '；' : '; ')}</span>
                  ),
                },
              ]),
          {
            key: 'u',
            title: '',
            width: '80px',
            right: true,
            render: (s) => t.sla.used(count(c.specs.filter((x) => x.sla === s.code).length)),
          },
        ]}
      />
      <p className={css.foot}>{t.sla.note}</p>
    </Panel>
  );
}

/** Who hears, level by level, in words. */
function useLadder() {
  const t = useText().sla;
  const names = useNames();
  return (s: Sla) =>
    (s.escalates ?? []).map((e) =>
      e.after_min < 0
        ? t.before(minutesWords(-e.after_min), names.role(e.to))
        : t.after(minutesWords(e.after_min), names.role(e.to)),
    );
}

export function SlaPanel({
  catalog: c,
  code,
  onClose,
}: {
  catalog: Catalog;
  code: string;
  onClose: () => void;
}) {
  const t = useText();
  const lang = useLang();
  const may = useMay();
  const ladder = useLadder();
  const s = c.slas.find((x) => x.code === code);
  if (!s) return null;
  return (
    <SidePanel
      label={t.tab.sla}
      head={
        <h2>
          {s.code} {s[lang]}
        </h2>
      }
      onClose={onClose}
    >
      <p>{lang === 'zh' ? s.about_zh : s.about_en}</p>
      <p className={css.gap}>
        <SourceMark source={s.source} confidence={s.confidence} long />
      </p>
      {may('catalog.write') ? (
        <SlaForm key={s.rev} sla={s} />
      ) : (
        <ul className={css.ladder}>
          {ladder(s).map((l) => (
            <li key={l}>{l}</li>
          ))}
        </ul>
      )}
      {c.specs.some((x) => x.sla === code) ? null : (
        <StatePanel state="empty" inline title={t.sla.used('0')} />
      )}
    </SidePanel>
  );
}

function SlaForm({ sla }: { sla: Sla }) {
  const t = useText();
  const lang = useLang();
  const names = useNames();
  const save = useSaveRow<Sla>('sla');
  const { done, failed } = useActWords();
  const minutes = (name: keyof Sla, label: string, extra?: string) => (
    <Form.Item name={name} label={label} extra={extra}>
      <InputNumber min={extra ? 0 : 1} precision={0} suffix={t.sla.minutes} className={css.full} />
    </Form.Item>
  );
  return (
    <Form<Sla>
      layout="vertical"
      requiredMark={false}
      className={css.form}
      initialValues={{ ...sla, escalates: sla.escalates ?? [] }}
      onFinish={(v) =>
        save.mutate({ ...sla, ...v }, { onSuccess: () => done(t.sla.saved(sla[lang])), onError: failed })
      }
    >
      <div className={css.two}>
        {minutes('accept_min', t.sla.accept)}
        {minutes('contact_min', t.sla.contact)}
        {minutes('start_min', t.sla.start, t.sla.zero)}
        {minutes('close_min', t.sla.close, t.sla.zero)}
      </div>
      <Form.Item
        name="all_day"
        label={t.sla.allDay}
        valuePropName="checked"
        layout="horizontal"
        colon={false}
      >
        <Switch aria-label={t.sla.allDay} />
      </Form.Item>
      <Form.Item label={t.sla.ladder}>
        <Form.List name="escalates">
          {(rows, { add, remove }) => (
            <div className={css.skillRows}>
              {rows.map((r) => (
                <div key={r.key}>
                  <Form.Item name={[r.name, 'to']} noStyle>
                    <Select
                      aria-label={t.sla.to}
                      showSearch={{ optionFilterProp: 'label' }}
                      options={names.roles.map((x) => ({ value: x.code, label: x[lang] }))}
                    />
                  </Form.Item>
                  <Form.Item name={[r.name, 'after_min']} noStyle>
                    <InputNumber
                      className={css.full}
                      aria-label={t.sla.afterMin}
                      title={t.sla.afterMin}
                      precision={0}
                      suffix={t.sla.minutes}
                    />
                  </Form.Item>
                  <Button
                    type="text"
                    aria-label={t.words.drop}
                    icon={<Icon name="close" size={16} />}
                    onClick={() => remove(r.name)}
                  />
                </div>
              ))}
              <Button size="small" onClick={() => add({ after_min: 30, to: 'duty-officer' })}>
                {t.sla.add}
              </Button>
            </div>
          )}
        </Form.List>
      </Form.Item>
      <SourceFields />
      <Button type="primary" htmlType="submit" loading={save.isPending}>
        {t.spec.save}
      </Button>
    </Form>
  );
}
