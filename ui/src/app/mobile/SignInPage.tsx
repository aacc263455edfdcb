// The phone's door: after signing in it leads where the person wanted to go.
import { useQueryClient } from '@tanstack/react-query';
import { welcome } from '@/api/me';
import { go, useHere } from '@/design/mobile/router';
import { SignIn } from '../door/SignIn';
import { useEntry } from './entry';

export function SignInPage() {
  const client = useQueryClient();
  const entry = useEntry();
  const { search } = useHere();
  return (
    <SignIn
      onDone={(me) => {
        welcome(client, me);
        go(search.get('to') ?? `/${entry}`, { replace: true });
      }}
    />
  );
}
