// The demands on the duty home: those that wait for a clerk; sorting opens the one in the inbox.

import { useNavigate } from '@tanstack/react-router';
import { lazy, Suspense } from 'react';
import { useScope } from '@/api/scope';
import type { WorkRow } from '@/design/console/frame';
import { useDemands } from '../api';
import { useText as useWords } from '../text';
import { oneLine } from '../words';
import { useText } from './text';

// The names of places come with the map's data, which the first load must not hold.
const Where = lazy(() => import('./DemandHead').then((m) => ({ default: m.Where })));
const Grade = lazy(() => import('./DemandHead').then((m) => ({ default: m.Grade })));

export function useWork(): WorkRow[] | undefined {
  const t = useText();
  const w = useWords();
  const navigate = useNavigate();
  const q = useDemands({ state: 'queued', place: useScope() || undefined });
  return q.items?.map((d) => ({
    id: d.id,
    due: d.due_at,
    from: d.submitted_at,
    where: (
      <Suspense fallback={null}>
        <Where place={d.place} />
      </Suspense>
    ),
    grade: (
      <Suspense fallback={null}>
        <Grade demand={d} />
      </Suspense>
    ),
    what: oneLine(d) || t.photoOnly,
    who: d.name,
    state: w.state[d.state],
    to: `/demands/${d.id}`,
    act: {
      label: t.triage,
      run: () => void navigate({ to: '/demands', search: { sel: d.id } as never }),
    },
  }));
}
