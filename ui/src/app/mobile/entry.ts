import { useHere } from '@/design/mobile/router';

/** Which of the two phone programs this address belongs to. */
export function useEntry(): 'h' | 'w' {
  return useHere().path.startsWith('/w') ? 'w' : 'h';
}
