// The console's doors: sign-in, one-time link, demonstration. After them the person stands on the page of the role.
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { demoPeople, type Me, welcome } from '@/api/me';
import { Demo } from '../door/Demo';
import { homeOf } from '../door/home';
import { SetUp } from '../door/SetUp';
import { SignIn } from '../door/SignIn';

/** Forgets what the last person saw and opens the page of this one. */
function useEnter(): (me: Me, page?: string) => void {
  const client = useQueryClient();
  const navigate = useNavigate();
  return (me, page = homeOf(me)) => {
    welcome(client, me);
    if (page !== '/')
      location.assign(page); // another entry, another program
    else void navigate({ to: new URLSearchParams(location.search).get('to') ?? '/', replace: true });
  };
}

export function SignInPage() {
  const enter = useEnter();
  // Only the demonstration has that door, and only on its own machine.
  const demo = useQuery({
    queryKey: ['demo', 'roles'],
    queryFn: demoPeople,
    retry: false,
    enabled: /^(localhost|127\.0\.0\.1|\[::1\])$/.test(location.hostname),
  });
  return <SignIn onDone={enter} demo={demo.data ? '/demo' : undefined} />;
}

export function SetUpPage() {
  const enter = useEnter();
  return <SetUp onDone={enter} />;
}

export function DemoPage() {
  return <Demo onDone={useEnter()} />;
}
