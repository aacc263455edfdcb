import type { Me } from '@/api/me';

/** Roles that work with a phone in the hand. */
const onTheWay = new Set([
  'repairer',
  'provider-worker',
  'volunteer',
  'family-doctor',
  'social-worker',
  'grid-worker',
]);
const atHome = new Set(['resident', 'guardian']);

/** The page where a person starts: the console for the desk, /w/ for who goes out, /h/ for who is at home. */
export function homeOf(me: Pick<Me, 'roles'>): '/' | '/w/' | '/h/' {
  if (me.roles.length > 0 && me.roles.every((r) => atHome.has(r))) return '/h/';
  if (me.roles.length > 0 && me.roles.every((r) => onTheWay.has(r) || atHome.has(r))) return '/w/';
  return '/';
}
