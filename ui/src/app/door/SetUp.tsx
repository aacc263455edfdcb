// The one-time link: the token comes in the fragment, which no server log ever sees. Enter submits.
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { Problem, wordsOf } from '@/api/client';
import { type Me, setUp } from '@/api/me';
import { Door, Field } from './Door';
import css from './door.module.css';
import { useText } from './text';

/** Takes the token and its kind out of the address bar, so that they are not left on a shared screen. */
function takeToken(): { token: string; invited: boolean } {
  const said = new URLSearchParams(location.hash.slice(1));
  const token = said.get('t') ?? '';
  if (token) history.replaceState(history.state, '', location.pathname);
  return { token, invited: said.get('k') === 'invite' };
}

export function SetUp({ onDone }: { onDone: (me: Me) => void }) {
  const t = useText().setup;
  const [{ token, invited }] = useState(takeToken);
  // The first setup also names the account; a renewed password does not.
  const [first, setFirst] = useState(!invited);
  const [differ, setDiffer] = useState(false);
  const act = useMutation({ mutationFn: setUp, onSuccess: (me) => onDone(me) });
  const at = act.error instanceof Problem ? act.error.field.split('.').pop() : '';
  const words = act.error ? wordsOf(act.error) : undefined;
  if (!token) {
    return (
      <Door title={t.title}>
        <p className={css.help}>{t.noToken}</p>
      </Door>
    );
  }
  return (
    <Door title={t.title}>
      <form
        className={css.form}
        onSubmit={(e) => {
          e.preventDefault();
          const f = new FormData(e.currentTarget);
          const text = (k: string) => String(f.get(k) ?? '').trim();
          const password = String(f.get('password'));
          const same = password === String(f.get('repeat'));
          setDiffer(!same);
          if (!same) return;
          act.mutate(
            first ? { token, login: text('login'), name: text('name'), password } : { token, password },
          );
        }}
      >
        <fieldset className={css.switch}>
          <legend className="sr-only">{t.title}</legend>
          {[true, false].map((v) => (
            <label key={String(v)}>
              <input type="radio" name="kind" checked={first === v} onChange={() => setFirst(v)} />
              {v ? t.newAccount : t.hasAccount}
            </label>
          ))}
        </fieldset>
        <p className={css.help}>{first ? t.first : t.again}</p>
        {first ? (
          <>
            <Field
              label={t.login}
              name="login"
              autoComplete="username"
              autoCapitalize="none"
              required
              minLength={2}
              maxLength={40}
              error={at === 'login' ? words : undefined}
            />
            <Field
              label={t.name}
              name="name"
              autoComplete="name"
              required
              maxLength={40}
              error={at === 'name' ? words : undefined}
            />
          </>
        ) : null}
        <Field
          label={t.password}
          name="password"
          type="password"
          autoComplete="new-password"
          required
          maxLength={128}
          hint={t.passwordHint}
          error={at === 'password' ? words : undefined}
        />
        <Field
          label={t.repeat}
          name="repeat"
          type="password"
          autoComplete="new-password"
          required
          error={differ ? t.differ : undefined}
        />
        {words && !['login', 'name', 'password'].includes(at ?? '') ? (
          <p className={css.error} role="alert">
            {words}
          </p>
        ) : null}
        <button type="submit" className={css.act} disabled={act.isPending}>
          {t.act}
        </button>
      </form>
    </Door>
  );
}
