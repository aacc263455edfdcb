// One procedure: its versions, the steps of the chosen one, and what differs from the published. A draft is edited in place; each move says what it does.
import { Link, useParams, useSearch } from '@tanstack/react-router';
import { Segmented } from 'antd';
import { useState } from 'react';
import { useMay } from '@/api/me';
import { Facts, Page, Panel, useSearchPatch } from '@/design/console';
import { Icon, Loaded, StatePanel } from '@/design/core';
import { moment } from '@/design/format';
import { useLang } from '@/i18n';
import { type Sop, type SopText, textOf, useCatalog, useSops } from '../api';
import { countChanges } from '../diff';
import { useText } from '../text';
import css from './catalog.module.css';
import { SourceMark, useNames } from './marks';
import { SopActs } from './SopActs';
import { SopDiff } from './SopDiff';
import { SopEditor } from './SopEditor';
import { SopSteps } from './SopSteps';
import type { SopSearch } from './search';

export function SopPage() {
  const { code } = useParams({ strict: false }) as { code: string };
  const t = useText();
  const s = useSearch({ strict: false }) as SopSearch;
  const q = useSops();
  return (
    <Loaded query={q} rows={10}>
      {(all) => {
        const versions = all.filter((x) => x.sop === code).sort((a, b) => b.version - a.version);
        const published = versions.find((x) => x.state === 'published');
        const shown = versions.find((x) => String(x.version) === s.v) ?? published ?? versions[0];
        if (!shown) return <StatePanel state="empty" title={t.sops.never} />;
        return (
          <Version
            key={`${shown.id} ${shown.rev}`}
            sop={shown}
            versions={versions}
            published={published}
            diff={s.diff === '1'}
          />
        );
      }}
    </Loaded>
  );
}

function Version({
  sop,
  versions,
  published,
  diff,
}: {
  sop: Sop;
  versions: Sop[];
  published: Sop | undefined;
  diff: boolean;
}) {
  const t = useText();
  const lang = useLang();
  const may = useMay();
  const patch = useSearchPatch<SopSearch>();
  const [text, setText] = useState<SopText>(() => textOf(sop));
  const edits = sop.state === 'draft' && may('catalog.write');
  const dirty = edits && JSON.stringify(text) !== JSON.stringify(textOf(sop));
  const compared = published && published.id !== sop.id ? published : undefined;
  const changes = compared ? countChanges(textOf(compared), text) : 0;
  return (
    <Page
      title={
        <span className={css.head}>
          <Link
            to="/catalog"
            search={{ tab: 'sops' } as never}
            aria-label={t.sop.back}
            className={css.backLink}
          >
            <Icon name="back" />
          </Link>
          {text[lang] || sop[lang]}
          <small>
            {t.sop.version(sop.version)} · {t.sop.state[sop.state]}
            {dirty ? ` · ${t.sop.unsaved}` : ''}
          </small>
        </span>
      }
      act={<SopActs sop={sop} text={text} dirty={dirty} onReset={() => setText(textOf(sop))} />}
    >
      <div className={css.bar}>
        <Segmented
          aria-label={t.sop.versions}
          value={String(sop.version)}
          onChange={(v) => patch({ v: String(v) })}
          options={versions.map((x) => ({
            value: String(x.version),
            label: `${t.sop.version(x.version)} ${t.sop.state[x.state]}`,
          }))}
        />
        {compared ? (
          <Segmented
            aria-label={t.sop.view.label}
            value={diff ? '1' : ''}
            onChange={(v) => patch({ diff: v === '1' ? '1' : undefined })}
            options={[
              { value: '', label: t.sop.view.steps },
              { value: '1', label: t.sop.diffCount(changes) },
            ]}
          />
        ) : null}
      </div>
      <div className={css.sop}>
        <div className={css.stack}>
          {diff && compared ? (
            <SopDiff before={textOf(compared)} after={text} />
          ) : edits ? (
            <SopEditor text={text} onChange={setText} />
          ) : (
            <SopSteps steps={sop.steps} />
          )}
        </div>
        <About sop={sop} />
      </div>
    </Page>
  );
}

function About({ sop: s }: { sop: Sop }) {
  const t = useText();
  const lang = useLang();
  const names = useNames();
  const specs = useCatalog().data?.specs.filter((x) => x.sop === s.sop) ?? [];
  return (
    <div className={css.stack}>
      <Panel title={t.sop.about}>
        <Facts
          rows={[
            [t.sop.scope, (lang === 'zh' ? s.scope_zh : s.scope_en) || '—'],
            [t.sop.keeper, names.role(s.owner)],
            [t.sop.basis, s.basis || '—'],
            ...(s.change ? ([[t.sop.change, s.change]] as [string, string][]) : []),
            [t.sop.source, <SourceMark key="s" source={s.source} confidence={s.confidence} />],
            [
              t.sop.versions,
              [
                t.sop.createdAt(moment(s.created_at)),
                s.published_at ? t.sop.publishedAt(moment(s.published_at)) : '',
                s.retired_at ? t.sop.retiredAt(moment(s.retired_at)) : '',
              ]
                .filter(Boolean)
                .join(lang === 'zh' ? '，' : ', '),
            ],
          ]}
        />
      </Panel>
      <Panel title={t.sop.usedBy}>
        {specs.length === 0 ? <p className={css.soft}>{t.sop.notUsed}</p> : null}
        <ul className={css.tags}>
          {specs.map((x) => (
            <li key={x.code}>
              <Link to="/catalog" search={{ sel: x.code } as never}>
                {x[lang]}
              </Link>
            </li>
          ))}
        </ul>
      </Panel>
    </div>
  );
}
