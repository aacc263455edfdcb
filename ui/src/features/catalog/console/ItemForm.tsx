// Edits the standard of an item, in both languages side by side.
import { Form, Input, Modal } from 'antd';
import { useActWords } from '@/design/console';
import { useLang } from '@/i18n';
import { type Item, useSaveRow } from '../api';
import { useText } from '../text';
import css from './catalog.module.css';
import { SourceFields } from './SourceFields';

const rows = [
  ['zh', 'en'],
  ['duration_zh', 'duration_en'],
  ['staff_zh', 'staff_en'],
  ['site_zh', 'site_en'],
  ['goal_zh', 'goal_en'],
] as const;

export function ItemForm({ item, onClose }: { item: Item; onClose: () => void }) {
  const t = useText();
  const lang = useLang();
  const [form] = Form.useForm<Item>();
  const save = useSaveRow<Item>('item');
  const { done, failed } = useActWords();
  const label = [t.col.item, t.item.duration, t.item.staff, t.item.site, t.item.goal];
  return (
    <Modal
      open
      title={`${t.item.edit}：${item[lang]}`}
      okText={t.spec.save}
      confirmLoading={save.isPending}
      onOk={() => form.submit()}
      onCancel={onClose}
      width={720}
    >
      <Form<Item>
        form={form}
        layout="vertical"
        requiredMark={false}
        initialValues={item}
        className={css.modalForm}
        onFinish={(v) =>
          save.mutate(
            { ...item, ...v },
            {
              onSuccess: () => {
                done(t.prices.saved(v[lang]));
                onClose();
              },
              onError: failed,
            },
          )
        }
      >
        {rows.map(([zh, en], i) => (
          <div key={zh} className={css.two}>
            <Form.Item
              name={zh}
              label={`${label[i]} · ${t.sop.zh}`}
              rules={i === 0 ? [{ required: true, message: t.spec.need }] : []}
            >
              <Input maxLength={300} />
            </Form.Item>
            <Form.Item
              name={en}
              label={`${label[i]} · ${t.sop.en}`}
              rules={i === 0 ? [{ required: true, message: t.spec.need }] : []}
            >
              <Input maxLength={300} />
            </Form.Item>
          </div>
        ))}
        <SourceFields />
      </Form>
    </Modal>
  );
}
