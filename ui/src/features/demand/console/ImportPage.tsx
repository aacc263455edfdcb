// Takes in a file of 12345 tickets and reports what became of each row; rows in error are named and can be downloaded.
import { Link } from '@tanstack/react-router';
import { Button, Form, Input, Upload } from 'antd';
import { useState } from 'react';
import { wordsOf } from '@/api/client';
import { Page, Panel, WorkList } from '@/design/console';
import { Icon } from '@/design/core';
import { bytes, count } from '@/design/format';
import { pick, useLang } from '@/i18n';
import { type ImportReport, type RowError, sources, useCounts, useImport } from '../api';
import { useText as useWords } from '../text';
import { BackTitle } from './BackTitle';
import css from './demand.module.css';
import { PlaceSelect } from './PlaceSelect';
import { useText } from './text';

export function ImportPage() {
  const t = useText().imports;
  const run = useImport();
  const [file, setFile] = useState<File>();
  const [system, setSystem] = useState('12345');
  const [place, setPlace] = useState<string>();
  const [columns, setColumns] = useState('');
  return (
    <Page
      title={
        <BackTitle>
          <b>{t.title}</b>
        </BackTitle>
      }
      act={
        <Button
          type="primary"
          disabled={!file || system.trim() === ''}
          loading={run.isPending}
          onClick={() => file && run.mutate({ file, system: system.trim(), place, columns: columns.trim() })}
        >
          {t.run}
        </Button>
      }
    >
      <div className={css.columns}>
        <Panel>
          <Form layout="vertical" className={css.form}>
            <Form.Item label={t.file}>
              <Upload.Dragger
                accept=".csv,.xlsx,.jsonl,.ndjson,.txt"
                maxCount={1}
                showUploadList={false}
                beforeUpload={(f) => {
                  setFile(f);
                  run.reset();
                  return false;
                }}
              >
                <p className={css.dropIcon}>
                  <Icon name="upload" size={24} />
                </p>
                <p>{file ? `${file.name} · ${bytes(file.size)}` : t.drop}</p>
                <p className={css.soft}>{t.kinds}</p>
              </Upload.Dragger>
            </Form.Item>
            <Form.Item label={t.system} htmlFor="import-system" extra={t.systemHint} required>
              <Input
                id="import-system"
                maxLength={40}
                value={system}
                onChange={(e) => setSystem(e.target.value)}
              />
            </Form.Item>
            <Form.Item label={t.place} htmlFor="import-place" extra={t.placeHint}>
              <PlaceSelect id="import-place" value={place} onChange={setPlace} />
            </Form.Item>
            <Form.Item label={t.columns} htmlFor="import-columns" extra={t.columnsHint}>
              <Input id="import-columns" value={columns} onChange={(e) => setColumns(e.target.value)} />
            </Form.Item>
            {run.isPending ? <p role="status">{t.running}</p> : null}
            {run.error ? (
              <p className={css.fault} role="alert">
                {wordsOf(run.error)}
              </p>
            ) : null}
          </Form>
        </Panel>
        <div className={css.stack}>
          {run.data ? <Report report={run.data} /> : <Rules />}
          <Sources />
        </div>
      </div>
      {run.data && run.data.errors.length > 0 ? <Errors errors={run.data.errors} /> : null}
    </Page>
  );
}

function Rules() {
  const t = useText().imports;
  return (
    <Panel>
      <ul className={css.rules}>
        {t.rules.map((r) => (
          <li key={r}>{r}</li>
        ))}
      </ul>
    </Panel>
  );
}

function Report({ report: r }: { report: ImportReport }) {
  const t = useText().imports;
  const rows: [keyof ImportReport & keyof typeof t, number][] = [
    ['rows', r.rows],
    ['stored', r.stored],
    ['known', r.known],
    ['ready', r.ready],
    ['queued', r.queued],
    ['referred', r.referred],
    ['merged', r.merged],
    ['attention', r.attention],
    ['failed', r.failed],
  ];
  return (
    <Panel title={t.report} act={r.queued > 0 ? <Link to="/demands">{t.toQueue}</Link> : undefined}>
      <dl className={css.report}>
        {rows.map(([k, n]) => (
          <div key={k} data-bad={(k === 'failed' || k === 'attention') && n > 0}>
            <dt>{t[k] as string}</dt>
            <dd>{count(n)}</dd>
          </div>
        ))}
      </dl>
    </Panel>
  );
}

/** From where the demands that wait for a clerk have come. */
function Sources() {
  const t = useText().imports;
  const w = useWords();
  const c = useCounts().data;
  if (!c) return null;
  const most = Math.max(1, ...sources.map((s) => c.sources[s] ?? 0));
  return (
    <Panel title={t.sources} note={t.sourcesNote}>
      <dl className={css.sources}>
        {sources.map((s) => (
          <div key={s}>
            <dt>{w.source[s]}</dt>
            <dd>
              <i style={{ width: `${((c.sources[s] ?? 0) / most) * 100}%` }} />
            </dd>
            <dd>
              <Link to="/demands" search={{ source: s } as never}>
                {count(c.sources[s] ?? 0)}
              </Link>
            </dd>
          </div>
        ))}
      </dl>
    </Panel>
  );
}

function Errors({ errors }: { errors: RowError[] }) {
  const t = useText().imports;
  const lang = useLang();
  return (
    <Panel
      flush
      title={t.errors}
      note={t.errorsNote}
      act={
        <Button size="small" onClick={() => save(errors, [t.row, t.field, t.problem], lang)}>
          {t.csv}
        </Button>
      }
    >
      <WorkList
        label={t.errors}
        rows={errors}
        id={(e) => `${e.row} ${e.field}`}
        columns={[
          { key: 'row', title: t.row, width: '72px', right: true, render: (e) => count(e.row) },
          { key: 'field', title: t.field, width: '120px', render: (e) => e.field },
          { key: 'problem', title: t.problem, width: 'minmax(0, 1fr)', render: (e) => pick(e, lang) },
        ]}
      />
    </Panel>
  );
}

/** The byte order mark keeps Chinese readable in Excel. */
function save(errors: RowError[], head: string[], lang: 'zh' | 'en'): void {
  const cell = (v: string) => (/[",\n]/.test(v) ? `"${v.replaceAll('"', '""')}"` : v);
  const lines = [head, ...errors.map((e) => [String(e.row), e.field, pick(e, lang)])];
  const url = URL.createObjectURL(
    new Blob([`\ufeff${lines.map((l) => l.map(cell).join(',')).join('\r\n')}`], { type: 'text/csv' }),
  );
  const a = document.createElement('a');
  a.href = url;
  a.download = 'errors.csv';
  a.click();
  URL.revokeObjectURL(url);
}
