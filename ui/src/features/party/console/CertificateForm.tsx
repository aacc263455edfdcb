// Records a certificate of a worker, or revokes one with a reason.
import { Button, DatePicker, Form, Input, Select } from 'antd';
import dayjs, { type Dayjs } from 'dayjs';
import { useState } from 'react';
import { Problem } from '@/api/client';
import { serverNow } from '@/design/clock';
import { useActWords } from '@/design/console';
import { Popover } from '@/design/core';
import { isoDay } from '@/design/format';
import { useLang } from '@/i18n';
import { type Certificate, useAddCertificate, useKinds, useRevoke } from '../api';
import { useText as useWords } from '../text';
import css from './party.module.css';
import { useText } from './text';

interface Fields {
  kind: string;
  number?: string;
  level?: number;
  issued: Dayjs;
  expires?: Dayjs | null;
}

export function AddCertificate({ worker }: { worker: string }) {
  const t = useText().cert;
  const words = useWords();
  const lang = useLang();
  const kinds = useKinds().data?.certificates;
  const add = useAddCertificate();
  const { done, failed } = useActWords();
  const [open, setOpen] = useState(false);
  const [form] = Form.useForm<Fields>();
  const chosen = Form.useWatch('kind', form);
  const kind = kinds?.find((k) => k.code === chosen);
  if (!open) {
    return (
      <Button size="small" onClick={() => setOpen(true)}>
        {t.add}
      </Button>
    );
  }
  const submit = (f: Fields) =>
    add.mutate(
      {
        worker,
        certificate: {
          kind: f.kind,
          number: f.number?.trim() || undefined,
          level: f.level,
          issued: f.issued.format('YYYY-MM-DD'),
          expires: f.expires?.format('YYYY-MM-DD'),
        },
      },
      {
        onSuccess: () => {
          done(t.added(kind?.[lang] ?? ''));
          form.resetFields();
          setOpen(false);
        },
        onError: (err) => {
          const field = err instanceof Problem ? err.field.replace(/^body\./, '') : '';
          if (err instanceof Problem && ['kind', 'issued', 'expires'].includes(field)) {
            form.setFields([{ name: field as keyof Fields, errors: [err.words] }]);
          } else failed(err);
        },
      },
    );
  return (
    <Form<Fields>
      form={form}
      layout="vertical"
      requiredMark={false}
      className={css.certForm}
      initialValues={{ issued: dayjs(isoDay(serverNow())) }}
      onFinish={submit}
      onValuesChange={(v: Partial<Fields>, all) => {
        const k = kinds?.find((x) => x.code === all.kind);
        if ((v.kind || v.issued) && k?.years && all.issued) {
          form.setFieldValue('expires', all.issued.add(k.years, 'year').subtract(1, 'day'));
        }
      }}
    >
      <Form.Item name="kind" label={t.kind} rules={[{ required: true, message: t.kind }]}>
        <Select
          showSearch={{ optionFilterProp: 'label' }}
          aria-label={t.kind}
          options={kinds?.map((k) => ({ value: k.code, label: k[lang] }))}
        />
      </Form.Item>
      <Form.Item name="number" label={t.number}>
        <Input maxLength={60} />
      </Form.Item>
      <Form.Item name="issued" label={t.issued} rules={[{ required: true, message: t.issued }]}>
        <DatePicker className={css.full} />
      </Form.Item>
      <Form.Item name="expires" label={t.expires} extra={kind?.years ? t.usual(kind.years) : t.expiresHint}>
        <DatePicker className={css.full} />
      </Form.Item>
      <Form.Item name="level" label={t.level}>
        <Select
          allowClear
          aria-label={t.level}
          options={[1, 2, 3, 4, 5].map((n) => ({ value: n, label: words.level(n) }))}
        />
      </Form.Item>
      <div className={css.certGo}>
        <Button htmlType="submit" loading={add.isPending}>
          {t.go}
        </Button>
      </div>
    </Form>
  );
}

export function RevokeButton({
  worker,
  certificate,
  name,
}: {
  worker: string;
  certificate: Certificate;
  name: string;
}) {
  const t = useText().cert;
  const revoke = useRevoke();
  const { done, failed } = useActWords();
  const [reason, setReason] = useState('');
  const words = reason.trim();
  return (
    <Popover text={t.revoke} label={t.revoke} quiet>
      {(close) => (
        <div className={css.ask}>
          <p>{t.revokeWhy}</p>
          <Input.Search
            aria-label={t.revokeWhy}
            placeholder={t.revokeHint}
            maxLength={200}
            enterButton={
              <Button type="default" disabled={words.length < 2}>
                {t.revoke}
              </Button>
            }
            value={reason}
            onChange={(e) => setReason(e.target.value)}
            onSearch={() => {
              if (words.length < 2) return;
              close();
              revoke.mutate(
                { worker, certificate: certificate.id, reason: words },
                { onSuccess: () => done(t.revoked(name)), onError: failed },
              );
            }}
          />
        </div>
      )}
    </Popover>
  );
}
