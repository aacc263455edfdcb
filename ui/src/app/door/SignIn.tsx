// Sign-in with account and password. Enter submits.
import { useMutation } from '@tanstack/react-query';
import { wordsOf } from '@/api/client';
import { type Me, signIn } from '@/api/me';
import { Door, Field } from './Door';
import css from './door.module.css';
import { useText } from './text';

export function SignIn({ onDone, demo }: { onDone: (me: Me) => void; demo?: string }) {
  const t = useText().signIn;
  const act = useMutation({
    mutationFn: (v: { name: string; password: string }) => signIn(v.name, v.password),
    onSuccess: (me) => onDone(me),
  });
  return (
    <Door title={t.title}>
      <form
        className={css.form}
        onSubmit={(e) => {
          e.preventDefault();
          const f = new FormData(e.currentTarget);
          act.mutate({ name: String(f.get('name')).trim(), password: String(f.get('password')) });
        }}
      >
        <Field
          label={t.name}
          name="name"
          autoComplete="username"
          autoCapitalize="none"
          required
          maxLength={40}
        />
        <Field
          label={t.password}
          name="password"
          type="password"
          autoComplete="current-password"
          required
          maxLength={128}
        />
        {act.error ? (
          <p className={css.error} role="alert">
            {wordsOf(act.error)}
          </p>
        ) : null}
        <button type="submit" className={css.act} disabled={act.isPending}>
          {act.isPending ? t.wait : t.act}
        </button>
        <p className={css.help}>{t.help}</p>
        {demo ? (
          <p className={css.help}>
            <a href={demo}>{t.demo}</a>
          </p>
        ) : null}
      </form>
    </Door>
  );
}
