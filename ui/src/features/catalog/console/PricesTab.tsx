// Price models by name; a name is changed where it stands. Enter saves, Escape leaves.
import { Button, Form, Input } from 'antd';
import { useState } from 'react';
import { useMay } from '@/api/me';
import { Panel, useActWords, WorkList } from '@/design/console';
import { count } from '@/design/format';
import { useLang } from '@/i18n';
import { type Catalog, type Named, useSaveRow } from '../api';
import { useText } from '../text';
import css from './catalog.module.css';
import { SourceMark } from './marks';

export function PricesTab({ catalog: c }: { catalog: Catalog }) {
  const t = useText();
  const may = useMay();
  const [editing, setEditing] = useState<string>();
  return (
    <Panel flush>
      <WorkList<Named>
        label={t.prices.note}
        rows={c.prices}
        id={(p) => p.code}
        columns={[
          {
            key: 'n',
            title: t.prices.note,
            width: 'minmax(240px, 1.4fr)',
            render: (p) =>
              editing === p.code ? (
                <Rename key={p.rev} price={p} onDone={() => setEditing(undefined)} />
              ) : (
                <Names price={p} />
              ),
          },
          {
            key: 'u',
            title: '',
            width: '96px',
            right: true,
            render: (p) => t.sla.used(count(c.specs.filter((s) => s.price === p.code).length)),
          },
          {
            key: 's',
            title: t.col.source,
            width: 'minmax(176px, 1fr)',
            render: (p) => <SourceMark source={p.source} confidence={p.confidence} />,
          },
          ...(may('catalog.write')
            ? [
                {
                  key: 'e',
                  title: '',
                  width: '88px',
                  right: true,
                  render: (p: Named) => (
                    <Button size="small" type="text" onClick={() => setEditing(p.code)}>
                      {t.prices.edit}
                    </Button>
                  ),
                },
              ]
            : []),
        ]}
      />
    </Panel>
  );
}

function Names({ price: p }: { price: Named }) {
  const lang = useLang();
  const other = lang === 'zh' ? p.en : p.zh;
  return (
    <>
      <b>{p[lang]}</b>
      <small className={css.after}>{other}</small>
    </>
  );
}

function Rename({ price: p, onDone }: { price: Named; onDone: () => void }) {
  const t = useText();
  const lang = useLang();
  const save = useSaveRow<Named>('price');
  const { done, failed } = useActWords();
  return (
    <Form<Pick<Named, 'zh' | 'en'>>
      className={css.rename}
      initialValues={p}
      onFinish={(v) =>
        save.mutate(
          { ...p, ...v },
          {
            onSuccess: () => {
              done(t.prices.saved(v[lang]));
              onDone();
            },
            onError: failed,
          },
        )
      }
      onKeyDown={(e) => e.key === 'Escape' && onDone()}
    >
      <Form.Item name="zh" noStyle rules={[{ required: true }]}>
        <Input size="small" aria-label={t.spec.zh} autoFocus maxLength={60} />
      </Form.Item>
      <Form.Item name="en" noStyle rules={[{ required: true }]}>
        <Input size="small" aria-label={t.spec.en} maxLength={120} />
      </Form.Item>
      <Button size="small" htmlType="submit" loading={save.isPending}>
        {t.spec.save}
      </Button>
    </Form>
  );
}
