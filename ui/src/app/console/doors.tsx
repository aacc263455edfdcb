// The console's doors: sign-in, one-time link, demonstration. After them the person stands on the page of the role.
import { useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { type Me, meKey } from '@/api/me';
import { Demo } from '../door/Demo';
import { homeOf } from '../door/home';
import { SetUp } from '../door/SetUp';
import { SignIn } from '../door/SignIn';

/** Forgets what the last person saw and opens the page of this one. */
function useEnter(): (me: Me, page?: string) => void {
  const client = useQueryClient();
  const navigate = useNavigate();
  return (me, page = homeOf(me)) => {
    client.clear();
    client.setQueryData(meKey, me);
    if (page !== '/')
      location.assign(page); // another entry, another program
    else void navigate({ to: new URLSearchParams(location.search).get('to') ?? '/', replace: true });
  };
}

export function SignInPage() {
  const enter = useEnter();
  return <SignIn onDone={enter} />;
}

export function SetUpPage() {
  const enter = useEnter();
  return <SetUp onDone={enter} />;
}

export function DemoPage() {
  return <Demo onDone={useEnter()} />;
}
