// Reads a list of residents into the register and reports each cell in error; the good rows stay. Earlier imports stand below.
import { useSearch } from '@tanstack/react-router';
import { Button, Form, Upload } from 'antd';
import { useState } from 'react';
import { wordsOf } from '@/api/client';
import { useScope } from '@/api/scope';
import { Page, Panel, useSearchPatch, WorkList } from '@/design/console';
import { PlaceSelect } from '@/design/console/PlaceSelect';
import { Icon, Loaded } from '@/design/core';
import { bytes, count, moment } from '@/design/format';
import { useTown } from '@/map/town';
import { type Report, useImport, useImports, useReport } from '../api';
import { saveCsv } from './csv';
import { ReportView } from './ReportView';
import css from './resident.module.css';
import { useText } from './text';

export function ImportPage() {
  const t = useText().imports;
  const { sel } = useSearch({ strict: false }) as { sel?: string };
  const patch = useSearchPatch<{ sel?: string }>();
  const scope = useScope();
  const [file, setFile] = useState<File>();
  const [place, setPlace] = useState<string | undefined>(scope.length === 12 ? scope : undefined);
  const run = useImport();
  const report = useReport(sel);
  return (
    <Page
      title={t.title}
      act={
        <Button
          type="primary"
          disabled={!file || !place}
          loading={run.isPending}
          onClick={() =>
            file && run.mutate({ file, place }, { onSuccess: (r: Report) => patch({ sel: r.id }) })
          }
        >
          {t.run}
        </Button>
      }
    >
      <div className={css.columns}>
        <Panel>
          <Form layout="vertical">
            <Form.Item label={t.file}>
              <Upload.Dragger
                accept=".csv,.xlsx,.txt"
                maxCount={1}
                showUploadList={false}
                beforeUpload={(f) => {
                  setFile(f);
                  run.reset();
                  return false;
                }}
              >
                <p className={css.drop}>
                  <Icon name="upload" size={24} />
                </p>
                <p>{file ? `${file.name} · ${bytes(file.size)}` : t.drop}</p>
                <p className={css.soft}>{t.kinds}</p>
              </Upload.Dragger>
            </Form.Item>
            <Form.Item label={t.place} htmlFor="import-place" extra={t.placeHint}>
              <PlaceSelect id="import-place" depths={[1, 3]} value={place} onChange={setPlace} />
            </Form.Item>
            {run.isPending ? <p role="status">{t.running}</p> : null}
            {run.error ? (
              <p className={css.fault} role="alert">
                {wordsOf(run.error)}
              </p>
            ) : null}
          </Form>
        </Panel>
        <Panel
          act={
            <Button size="small" onClick={() => saveCsv('residents.csv', [t.sampleHead])}>
              {t.sample}
            </Button>
          }
          title={t.prepare}
        >
          <ul className={css.rules}>
            {t.rules.map((r) => (
              <li key={r}>{r}</li>
            ))}
          </ul>
        </Panel>
      </div>
      {sel ? (
        <Loaded query={report} rows={4}>
          {(r) => <ReportView report={r} onClose={() => patch({ sel: undefined })} />}
        </Loaded>
      ) : null}
      <History selected={sel} onSelect={(id) => patch({ sel: id })} />
    </Page>
  );
}

function History({ selected, onSelect }: { selected: string | undefined; onSelect: (id: string) => void }) {
  const t = useText().imports;
  const town = useTown();
  const q = useImports();
  const figure = (key: 'created' | 'updated' | 'failed') => ({
    key,
    title: t[key],
    width: '80px',
    right: true,
    render: (r: Report) => count(r[key]),
  });
  return (
    <Panel title={t.history} flush>
      <Loaded query={{ data: q.items, error: q.error, refetch: q.refetch }} rows={3}>
        {(rows) => (
          <WorkList<Report>
            label={t.history}
            rows={rows}
            id={(r) => r.id}
            selected={selected}
            onSelect={(r) => onSelect(r.id)}
            empty={t.noHistory}
            more={q.hasNextPage}
            onMore={() => void q.fetchNextPage()}
            columns={[
              { key: 'at', title: t.when, width: '128px', render: (r) => moment(r.at) },
              { key: 'kind', title: '', width: '48px', render: (r) => t.kind[r.kind] ?? r.kind },
              { key: 'file', title: t.what, width: 'minmax(120px, 1fr)', render: (r) => r.file },
              {
                key: 'place',
                title: t.into,
                width: 'minmax(104px, 0.6fr)',
                render: (r) => town.name(r.place),
              },
              { key: 'by', title: t.by, width: '88px', render: (r) => r.by },
              { key: 'rows', title: t.rows, width: '80px', right: true, render: (r) => count(r.rows) },
              figure('created'),
              figure('updated'),
              figure('failed'),
            ]}
          />
        )}
      </Loaded>
    </Panel>
  );
}
