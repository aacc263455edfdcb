// What can be done with a version: save and try a draft, publish, retire, make a new draft. Moves that orders feel say so first.
import { Button } from 'antd';
import { useMay } from '@/api/me';
import { useActWords, useSearchPatch } from '@/design/console';
import { Popover } from '@/design/core';
import {
  type Move,
  type Sop,
  type SopText,
  textOf,
  useCatalog,
  useDraft,
  useMove,
  useSaveDraft,
} from '../api';
import { useText } from '../text';
import css from './catalog.module.css';
import type { SopSearch } from './search';

export function SopActs({
  sop: s,
  text,
  dirty,
  onReset,
}: {
  sop: Sop;
  text: SopText;
  dirty: boolean;
  onReset: () => void;
}) {
  const t = useText().sop;
  const may = useMay();
  const patch = useSearchPatch<SopSearch>();
  const { done, failed } = useActWords();
  const save = useSaveDraft();
  const move = useMove();
  const draft = useDraft();
  const used = useCatalog().data?.specs.filter((x) => x.sop === s.sop && !x.off).length ?? 0;
  if (!may('catalog.write')) return null;
  const complete = text.steps.length > 0 && text.steps.every((x) => x.zh.trim() && x.en.trim());
  const said = { trial: t.tried, publish: t.published, retire: t.retired };
  const go = (to: Move) =>
    move.mutate({ sop: s, to }, { onSuccess: (n) => done(said[to](n.version)), onError: failed });
  const ask = (to: Move, words: string, primary?: boolean) => (
    <Popover text={t[to]} label={t[to]} className={primary ? css.primary : undefined}>
      {(close) => (
        <div className={css.ask}>
          <p>{words}</p>
          <Button
            onClick={() => {
              close();
              go(to);
            }}
          >
            {t[to]}
          </Button>
        </div>
      )}
    </Popover>
  );
  if (dirty) {
    return (
      <>
        <Button onClick={onReset}>{t.undo}</Button>
        <Button
          type="primary"
          disabled={!complete}
          title={complete ? undefined : t.need}
          loading={save.isPending}
          onClick={() => save.mutate({ sop: s, text }, { onSuccess: () => done(t.saved), onError: failed })}
        >
          {t.save}
        </Button>
      </>
    );
  }
  const fresh = (
    <Button
      type={s.state === 'published' ? 'primary' : 'default'}
      loading={draft.isPending}
      onClick={() =>
        draft.mutate(
          { sop: s.sop, text: { ...textOf(s), change: '' } },
          {
            onSuccess: (n) => {
              done(t.drafted(n.version));
              patch({ v: String(n.version) });
            },
            onError: failed,
          },
        )
      }
    >
      {t.draft}
    </Button>
  );
  switch (s.state) {
    case 'draft':
      return (
        <>
          {ask('retire', t.retireAsk)}
          {ask('trial', t.trialAsk)}
          {ask('publish', t.publishAsk(used), true)}
        </>
      );
    case 'trial':
      return (
        <>
          {ask('retire', t.retireAsk)}
          {fresh}
          {ask('publish', t.publishAsk(used), true)}
        </>
      );
    case 'published':
      return (
        <>
          {used === 0 ? ask('retire', t.retireAsk) : null}
          {fresh}
        </>
      );
    default:
      return fresh;
  }
}
