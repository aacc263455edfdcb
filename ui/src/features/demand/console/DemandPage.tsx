// One demand as a page: what was said and how it was read on the left, the decision and its likes on the right.
import { useNavigate, useParams } from '@tanstack/react-router';
import { useNow } from '@/design/clock';
import { Page, Panel } from '@/design/console';
import { Loaded, Slot } from '@/design/core';
import { type Detail, useDemand } from '../api';
import { BackTitle } from './BackTitle';
import { DemandActs } from './DemandActs';
import { DemandHead } from './DemandHead';
import css from './demand.module.css';
import { History, Origin, ReadSection, Said, SimilarList, Voices } from './parts';
import { TriageForm } from './TriageForm';
import { sortable, useTriage } from './useTriage';

export function DemandPage() {
  const { id } = useParams({ strict: false }) as { id: string };
  useNow(); // words such as 今天 follow the server's clock
  const q = useDemand(id);
  return (
    <Loaded query={q} rows={10}>
      {(d) => <One key={`${d.id} ${d.rev}`} demand={d} />}
    </Loaded>
  );
}

function One({ demand: d }: { demand: Detail }) {
  const navigate = useNavigate();
  const triage = useTriage(d);
  return (
    <Page
      title={
        <BackTitle>
          <DemandHead demand={d} size="page" />
        </BackTitle>
      }
      act={<DemandActs demand={d} triage={triage} onDone={() => void navigate({ to: '/demands' })} />}
    >
      <div className={css.columns}>
        <Panel>
          <Said demand={d} triage={triage} />
          <ReadSection demand={d} triage={sortable(d) ? triage : undefined} />
          <SimilarList demand={d} triage={triage} />
        </Panel>
        <Panel>
          {sortable(d) ? <TriageForm demand={d} triage={triage} /> : null}
          <Slot name="demand.aside" with={{ demand: d.id, resident: d.resident }} />
          <Voices demand={d} />
          <Origin demand={d} />
          <History demand={d} />
        </Panel>
      </div>
    </Page>
  );
}
