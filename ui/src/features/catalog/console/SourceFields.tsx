// Where a row comes from and how sure it is, as the last two fields of every form of the catalog.
import { Form, Input, Select } from 'antd';
import { useText } from '../text';
import css from './catalog.module.css';

export function SourceFields() {
  const t = useText();
  return (
    <div className={css.two}>
      <Form.Item name="source" label={t.spec.source}>
        <Input maxLength={200} placeholder={t.spec.sourceHint} />
      </Form.Item>
      <Form.Item name="confidence" label={t.spec.confidence}>
        <Select
          aria-label={t.spec.confidence}
          options={Object.entries(t.confidence).map(([value, label]) => ({ value, label }))}
        />
      </Form.Item>
    </div>
  );
}
