// What became of an imported file: figures, how its columns were read, and each cell to correct with its reason.
import { Button } from 'antd';
import { Panel, WorkList } from '@/design/console';
import { count } from '@/design/format';
import { useLang } from '@/i18n';
import type { Fault, Report } from '../api';
import { useText as useWords } from '../text';
import { saveCsv } from './csv';
import css from './resident.module.css';
import { useText } from './text';

/** The name of a spreadsheet column: 1 is A, 27 is AA. */
const letters = (n: number): string =>
  n <= 0 ? '' : letters(Math.floor((n - 1) / 26)) + String.fromCharCode(65 + ((n - 1) % 26));

export function ReportView({ report: r, onClose }: { report: Report; onClose: () => void }) {
  const t = useText().imports;
  const w = useWords();
  const lang = useLang();
  const field = (f: string | undefined) => (f ? (t.fields[f] ?? f) : '—');
  const words = (p: Fault) => (lang === 'zh' ? p.message_zh : p.message_en);
  const problems = [...r.problems].sort((a, b) => Number(b.fatal) - Number(a.fatal) || a.row - b.row);
  const columns = Object.entries(r.columns ?? {}).sort(([, a], [, b]) => a - b);
  const figures = [
    ['rows', r.rows],
    ['created', r.created],
    ['updated', r.updated],
    ['unchanged', r.unchanged],
    ['failed', r.failed],
    ['skipped', r.skipped],
  ] as const;
  return (
    <>
      <Panel
        title={t.report(r.file)}
        act={
          <Button size="small" type="text" onClick={onClose}>
            {t.close}
          </Button>
        }
      >
        {r.ended_at ? null : (
          <p className={css.fault} role="alert">
            {t.partial}
          </p>
        )}
        <dl className={css.report}>
          {figures.map(([k, n]) => (
            <div key={k} data-bad={k === 'failed' && n > 0}>
              <dt>{t[k]}</dt>
              <dd>{count(n)}</dd>
            </div>
          ))}
        </dl>
        {columns.length > 0 ? (
          <dl className={css.readAs}>
            <dt>{t.columns}</dt>
            <dd>{columns.map(([f, c]) => `${letters(c)} ${field(f)}`).join(w.and)}</dd>
            {r.ignored?.length ? (
              <>
                <dt>{t.ignored}</dt>
                <dd>{r.ignored.join(w.and)}</dd>
              </>
            ) : null}
          </dl>
        ) : null}
      </Panel>
      {r.kind === 'residents' ? (
        <Panel
          flush
          title={t.problems}
          note={problems.length > 0 ? t.problemsNote : t.noProblems}
          act={
            problems.length > 0 ? (
              <Button
                size="small"
                onClick={() =>
                  saveCsv(`${r.file}.csv`, [
                    [t.cell, t.row, t.field, t.reason, t.effect],
                    ...problems.map((p) => [
                      p.cell,
                      p.row,
                      field(p.field),
                      words(p),
                      p.fatal ? t.fatal : t.minor,
                    ]),
                  ])
                }
              >
                {t.csv}
              </Button>
            ) : undefined
          }
        >
          {problems.length > 0 ? (
            <WorkList<Fault>
              label={t.problems}
              rows={problems}
              id={(p) => `${p.cell} ${p.field} ${p.message_zh}`}
              columns={[
                { key: 'cell', title: t.cell, width: '72px', render: (p) => <b>{p.cell}</b> },
                { key: 'row', title: t.row, width: '64px', right: true, render: (p) => count(p.row) },
                { key: 'field', title: t.field, width: '136px', render: (p) => field(p.field) },
                { key: 'reason', title: t.reason, width: 'minmax(160px, 1fr)', render: words },
                {
                  key: 'effect',
                  title: t.effect,
                  width: '136px',
                  render: (p) => (
                    <span className={p.fatal ? css.fault : css.soft}>{p.fatal ? t.fatal : t.minor}</span>
                  ),
                },
              ]}
            />
          ) : null}
        </Panel>
      ) : null}
    </>
  );
}
