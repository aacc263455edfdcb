// A new account: sign-in name, name, roles. Its one-time link is shown at once; Enter sends.
import { useNavigate } from '@tanstack/react-router';
import { Button, Form, Input } from 'antd';
import { useState } from 'react';
import { Problem } from '@/api/client';
import { Page, Panel, useActWords } from '@/design/console';
import { type Grant, type NewUser, type User, useCreate, useInvite, usePolicy } from '../api';
import { useText } from '../text';
import css from './auth.module.css';
import { complete, GrantsField } from './GrantsField';
import { LinkDialog } from './LinkDialog';

export function NewUserPage() {
  const all = useText();
  const t = all.form;
  const navigate = useNavigate();
  const policy = usePolicy().data;
  const create = useCreate();
  const invite = useInvite();
  const { failed } = useActWords();
  const [form] = Form.useForm<NewUser>();
  const [made, setMade] = useState<{ user: User; token: string }>();
  const submit = (v: NewUser) =>
    create.mutate(
      {
        login: v.login.trim(),
        name: v.name.trim(),
        grants: v.grants,
        resident: v.resident?.trim() || undefined,
        worker: v.worker?.trim() || undefined,
      },
      {
        onSuccess: (user) =>
          invite.mutate(user.id, { onSuccess: ({ token }) => setMade({ user, token }), onError: failed }),
        onError: (err) => {
          const field = err instanceof Problem ? err.field.replace(/^body\./, '').split('.')[0] : '';
          if (err instanceof Problem && ['login', 'name', 'grants'].includes(field ?? '')) {
            form.setFields([{ name: field as keyof NewUser, errors: [err.words] }]);
          } else failed(err);
        },
      },
    );
  return (
    <Page title={t.title}>
      <div className={css.form}>
        <Panel>
          <Form<NewUser>
            form={form}
            layout="vertical"
            requiredMark={false}
            initialValues={{ grants: [{ role: '' }] }}
            onFinish={submit}
          >
            <div className={css.two}>
              <Form.Item
                name="name"
                label={t.name}
                rules={[{ required: true, whitespace: true, message: t.need }]}
              >
                <Input autoFocus maxLength={40} autoComplete="off" />
              </Form.Item>
              <Form.Item
                name="login"
                label={t.login}
                extra={t.loginHint}
                rules={[{ required: true, min: 2, pattern: /^\S+$/, message: t.loginHint }]}
              >
                <Input maxLength={40} autoComplete="off" />
              </Form.Item>
            </div>
            <Form.Item
              name="grants"
              label={all.users.grants}
              rules={[
                {
                  validator: (_, v: Grant[]) =>
                    v.length > 0 && complete(v, policy) ? Promise.resolve() : Promise.reject(t.needRole),
                },
              ]}
            >
              <GrantsField />
            </Form.Item>
            <div className={css.two}>
              <Form.Item name="worker" label={t.worker}>
                <Input placeholder={t.optional} maxLength={40} />
              </Form.Item>
              <Form.Item name="resident" label={t.resident}>
                <Input placeholder={t.optional} maxLength={40} />
              </Form.Item>
            </div>
            <Button type="primary" htmlType="submit" loading={create.isPending || invite.isPending}>
              {t.go}
            </Button>
          </Form>
        </Panel>
      </div>
      {made ? (
        <LinkDialog
          name={made.user.name}
          token={made.token}
          onClose={() => void navigate({ to: '/users', search: { sel: made.user.id } as never })}
        />
      ) : null}
    </Page>
  );
}
