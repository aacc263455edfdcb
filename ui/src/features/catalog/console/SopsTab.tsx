// The procedures: what each is for, which version holds, what is being worked on, how many services follow it. Enter opens.
import { useNavigate } from '@tanstack/react-router';
import { Panel, WorkList } from '@/design/console';
import { Loaded } from '@/design/core';
import { count } from '@/design/format';
import { useLang } from '@/i18n';
import { type Catalog, type Sop, useSops } from '../api';
import { useText } from '../text';
import { SourceMark } from './marks';

interface Row {
  code: string;
  now?: Sop;
  newest: Sop;
  work: Sop[];
}

export function SopsTab({ catalog: c }: { catalog: Catalog }) {
  const t = useText();
  const lang = useLang();
  const navigate = useNavigate();
  const q = useSops();
  return (
    <Panel flush>
      <Loaded query={q} rows={8}>
        {(all) => (
          <WorkList<Row>
            label={t.sops.title}
            rows={rowsOf(all)}
            id={(r) => r.code}
            onOpen={(r) => void navigate({ to: `/catalog/sops/${r.code}` })}
            columns={[
              {
                key: 'n',
                title: t.sops.procedure,
                width: 'minmax(144px, 1fr)',
                render: (r) => <b>{(r.now ?? r.newest)[lang]}</b>,
              },
              {
                key: 's',
                title: t.sops.scope,
                width: 'minmax(160px, 1.4fr)',
                render: (r) => (lang === 'zh' ? r.newest.scope_zh : r.newest.scope_en) || '—',
              },
              {
                key: 'p',
                title: t.sops.published,
                width: '96px',
                render: (r) => (r.now ? t.sop.version(r.now.version) : t.sops.never),
              },
              {
                key: 'c',
                title: t.sops.steps,
                width: '72px',
                right: true,
                render: (r) => t.sops.count(count((r.now ?? r.newest).steps.length)),
              },
              {
                key: 'w',
                title: t.sops.work,
                width: '136px',
                render: (r) =>
                  r.work.map((x) => `${t.sop.version(x.version)} ${t.sop.state[x.state]}`).join(t.and) ||
                  t.sops.noWork,
              },
              {
                key: 'u',
                title: t.sops.used,
                width: '88px',
                right: true,
                render: (r) => t.sops.specs(count(c.specs.filter((x) => x.sop === r.code && !x.off).length)),
              },
              {
                key: 'b',
                title: t.col.source,
                width: 'minmax(152px, 0.8fr)',
                render: (r) => <SourceMark source={r.newest.source} confidence={r.newest.confidence} />,
              },
            ]}
          />
        )}
      </Loaded>
    </Panel>
  );
}

/** One row per procedure: the version that holds and those in work. */
function rowsOf(all: readonly Sop[]): Row[] {
  const codes = [...new Set(all.map((s) => s.sop))];
  return codes.map((code) => {
    const versions = all.filter((s) => s.sop === code).sort((a, b) => b.version - a.version);
    return {
      code,
      now: versions.find((s) => s.state === 'published'),
      newest: versions[0] as Sop,
      work: versions.filter((s) => s.state === 'draft' || s.state === 'trial'),
    };
  });
}
