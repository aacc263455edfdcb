// The chosen demand beside the queue: what was said, how it was read, the decision, what it resembles, where it comes from. Escape closes it.
import { useNow } from '@/design/clock';
import { SidePanel } from '@/design/console';
import { Loaded, Slot } from '@/design/core';
import { type Detail, useDemand } from '../api';
import { DemandActs } from './DemandActs';
import { DemandHead } from './DemandHead';
import { History, Origin, ReadSection, Said, SimilarList, Voices } from './parts';
import { TriageForm } from './TriageForm';
import { useText } from './text';
import { sortable, useTriage } from './useTriage';

export function DemandPanel({ id, onClose }: { id: string; onClose: () => void }) {
  const t = useText();
  useNow(); // words such as 今天 follow the server's clock
  const q = useDemand(id);
  // another revision is another decision: what was half chosen for the old one is not carried over
  if (q.data) return <Open key={`${id} ${q.data.rev}`} demand={q.data} onClose={onClose} />;
  return (
    <SidePanel label={t.panel} head={null} onClose={onClose}>
      <Loaded query={q} rows={8}>
        {() => null}
      </Loaded>
    </SidePanel>
  );
}

function Open({ demand: d, onClose }: { demand: Detail; onClose: () => void }) {
  const t = useText();
  const triage = useTriage(d);
  return (
    <SidePanel
      label={t.panel}
      full={`/demands/${d.id}`}
      onClose={onClose}
      head={<DemandHead demand={d} />}
      acts={<DemandActs demand={d} triage={triage} onDone={onClose} />}
    >
      <Said demand={d} triage={triage} />
      <ReadSection demand={d} triage={sortable(d) ? triage : undefined} />
      {sortable(d) ? <TriageForm demand={d} triage={triage} /> : null}
      <Slot name="demand.aside" with={{ demand: d.id, resident: d.resident }} />
      <SimilarList demand={d} triage={triage} />
      <Voices demand={d} />
      <Origin demand={d} />
      <History demand={d} />
    </SidePanel>
  );
}
