// One worker: certificates, skills and shifts left, particulars and what other features know right.
import { Link, useParams } from '@tanstack/react-router';
import { Button } from 'antd';
import { useMay } from '@/api/me';
import { Page, Panel } from '@/design/console';
import { Icon, Loaded, Slot } from '@/design/core';
import { useWorker } from '../api';
import { AbsentButton } from './AbsentButton';
import { Now } from './marks';
import css from './party.module.css';
import { useText } from './text';
import { Absences, Certificates, Skills, Week, WorkerFacts } from './workerParts';

export function WorkerPage() {
  const { id } = useParams({ strict: false }) as { id: string };
  const t = useText();
  const may = useMay();
  const q = useWorker(id);
  return (
    <Loaded query={q} rows={10}>
      {(w) => (
        <Page
          title={
            <span className={css.head}>
              <Link
                to="/parties"
                search={{ tab: 'workers' } as never}
                aria-label={t.worker.back}
                className={css.backLink}
              >
                <Icon name="back" />
              </Link>
              {w.name}
              <small>
                <Now worker={w} />
              </small>
            </span>
          }
          act={
            may('party.write') ? (
              <>
                <AbsentButton worker={w} />
                <Link to={`/parties/workers/${id}/edit`}>
                  <Button>{t.edit}</Button>
                </Link>
              </>
            ) : undefined
          }
        >
          <div className={css.columns}>
            <div>
              <Panel title={t.worker.certificates}>
                <Certificates worker={w} />
              </Panel>
              <Panel title={t.worker.skills}>
                <Skills worker={w} />
              </Panel>
              <Panel title={t.worker.week}>
                <Week worker={w} />
              </Panel>
            </div>
            <div>
              <Panel title={t.worker.absences}>
                <Absences worker={w} />
              </Panel>
              <Slot
                name="party.aside"
                with={{ worker: w.id, org: w.org }}
                wrap={(piece) => <Panel>{piece}</Panel>}
              />
              <Panel title={t.worker.facts}>
                <WorkerFacts worker={w} />
              </Panel>
            </div>
          </div>
        </Page>
      )}
    </Loaded>
  );
}
