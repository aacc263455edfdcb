import { useQuery } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { readText } from './api';

/** How the text is read, a quarter of a second after the last key; the last answer stays while a new one comes. */
export function useReading(text: string) {
  const [settled, setSettled] = useState(text);
  useEffect(() => {
    const id = setTimeout(() => setSettled(text.trim()), 250);
    return () => clearTimeout(id);
  }, [text]);
  return useQuery({
    queryKey: ['demand', 'read', settled],
    queryFn: ({ signal }) => readText(settled, signal),
    enabled: Array.from(settled).length >= 2,
    placeholderData: (before) => before,
    staleTime: 5 * 60_000,
  });
}
