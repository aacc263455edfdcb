// One worker beside the list. Escape closes, the link opens the page.
import { Link } from '@tanstack/react-router';
import { Button } from 'antd';
import { useMay } from '@/api/me';
import { Section, SidePanel } from '@/design/console';
import { Loaded, Slot } from '@/design/core';
import { useWorker } from '../api';
import { AbsentButton } from './AbsentButton';
import { Now } from './marks';
import { useText } from './text';
import { Absences, Certificates, Skills, Week, WorkerFacts } from './workerParts';

export function WorkerPanel({ id, onClose }: { id: string; onClose: () => void }) {
  const t = useText();
  const may = useMay();
  const q = useWorker(id);
  const w = q.data;
  return (
    <SidePanel
      label={t.worker.panel}
      head={
        w ? (
          <>
            <h2>{w.name}</h2>
            <Now worker={w} />
          </>
        ) : null
      }
      full={`/parties/workers/${id}`}
      onClose={onClose}
      acts={
        w && may('party.write') ? (
          <>
            <AbsentButton worker={w} />
            <Link to={`/parties/workers/${id}/edit`}>
              <Button>{t.edit}</Button>
            </Link>
          </>
        ) : undefined
      }
    >
      <Loaded query={q} rows={8}>
        {(d) => (
          <>
            <Section title={t.worker.absences}>
              <Absences worker={d} />
            </Section>
            <Section title={t.worker.skills}>
              <Skills worker={d} />
            </Section>
            <Section title={t.worker.certificates}>
              <Certificates worker={d} />
            </Section>
            <Section title={t.worker.week}>
              <Week worker={d} />
            </Section>
            <Section title={t.worker.facts}>
              <WorkerFacts worker={d} />
            </Section>
            <Slot name="party.aside" with={{ worker: d.id, org: d.org }} />
          </>
        )}
      </Loaded>
    </SidePanel>
  );
}
