// The frame of the pages before the session: mark, one form, language. No kit, so that every entry can use it.
import type { ReactNode } from 'react';
import { Mark } from '@/design/core';
import { setLang, useLang } from '@/i18n';
import { useBase } from '@/i18n/base';
import css from './door.module.css';
import { useText } from './text';

export function Door({ title, children, wide }: { title: string; children: ReactNode; wide?: boolean }) {
  const base = useBase();
  const t = useText();
  const lang = useLang();
  return (
    <main className={css.door} data-wide={wide}>
      <header className={css.head}>
        <Mark size={36} />
        <div>
          <p className={css.brand}>{base.brand}</p>
          <p className={css.product}>{base.product}</p>
        </div>
        <button
          type="button"
          className={css.lang}
          lang={lang === 'zh' ? 'en' : 'zh-CN'}
          onClick={() => setLang(lang === 'zh' ? 'en' : 'zh')}
        >
          {t.langOther}
        </button>
      </header>
      <section className={css.sheet}>
        <h1>{title}</h1>
        {children}
      </section>
    </main>
  );
}

export function Field({
  label,
  hint,
  error,
  ...input
}: { label: string; hint?: string; error?: string } & React.InputHTMLAttributes<HTMLInputElement>) {
  const id = `door-${input.name}`;
  return (
    <div className={css.field}>
      <label htmlFor={id}>{label}</label>
      <input
        {...input}
        id={id}
        aria-invalid={error ? true : undefined}
        aria-describedby={error || hint ? `${id}-note` : undefined}
      />
      {error || hint ? (
        <small id={`${id}-note`} data-error={Boolean(error)}>
          {error || hint}
        </small>
      ) : null}
    </div>
  );
}
