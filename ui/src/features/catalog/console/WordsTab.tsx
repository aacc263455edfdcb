// The lexicon: by which words a service is recognized. Words of danger call a person. ↑↓ move, the row opens beside.
import { Button, Form, Input, InputNumber, Select } from 'antd';
import { useMay } from '@/api/me';
import { Facts, Panel, SidePanel, useActWords, useSearchPatch, WorkList } from '@/design/console';
import { Loaded, StatePanel } from '@/design/core';
import { count, percent } from '@/design/format';
import { useLang } from '@/i18n';
import { type Catalog, useAddWord, useDropWord, useSaveRow, useWords, type Word } from '../api';
import { useText } from '../text';
import css from './catalog.module.css';
import { SourceMark } from './marks';
import { SourceFields } from './SourceFields';
import type { Search } from './search';

const danger = 'danger';

/** What a weight says alone: log-odds as a share. */
const share = (weight: number) => percent(1 / (1 + Math.exp(-weight)), 0);

/** Words as they are typed: one a line, or with commas of either kind. */
export const wordsIn = (text: string): string[] => [
  ...new Set(
    text
      .split(/[\n,，、;；]/)
      .map((w) => w.trim())
      .filter(Boolean),
  ),
];

function useSpecName(c: Catalog) {
  const t = useText().words;
  const lang = useLang();
  return (code: string) =>
    code === danger ? t.danger : (c.specs.find((s) => s.code === code)?.[lang] ?? code);
}

export function WordsTab({
  catalog: c,
  search: s,
  onSelect,
}: {
  catalog: Catalog;
  search: Search;
  onSelect: (code: string) => void;
}) {
  const t = useText();
  const name = useSpecName(c);
  const q = useWords();
  const fits = (w: Word) =>
    (!s.spec || w.spec === s.spec) &&
    (!s.q || [...(w.any ?? []), ...(w.all ?? [])].some((x) => x.includes(s.q ?? '')));
  const list = (words: string[] | null | undefined) => words?.join(t.and) || '—';
  return (
    <Loaded query={q} rows={10}>
      {(all) => {
        const rows = all.filter(fits);
        return (
          <Panel flush>
            <WorkList<Word>
              label={t.tab.words}
              rows={rows}
              id={(w) => w.code}
              selected={s.sel}
              onSelect={(w) => onSelect(w.code)}
              empty={t.words.empty}
              maxHeight="calc(100vh - 232px)"
              columns={[
                {
                  key: 's',
                  title: t.words.spec,
                  width: 'minmax(104px, 0.7fr)',
                  render: (w) => (
                    <b className={css.word} data-danger={w.spec === danger}>
                      {name(w.spec)}
                    </b>
                  ),
                },
                { key: 'y', title: t.words.any, width: 'minmax(160px, 2fr)', render: (w) => list(w.any) },
                ...(s.sel
                  ? []
                  : [
                      {
                        key: 'l',
                        title: t.words.all,
                        width: 'minmax(80px, 0.6fr)',
                        render: (w: Word) => list(w.all),
                      },
                      {
                        key: 'n',
                        title: t.words.none,
                        width: 'minmax(104px, 0.8fr)',
                        render: (w: Word) => list(w.none),
                      },
                    ]),
                {
                  key: 'w',
                  title: t.words.weight,
                  width: '96px',
                  right: true,
                  render: (w) => (w.spec === danger ? '—' : t.words.weightWords(share(w.weight))),
                },
              ]}
            />
            <p className={css.foot}>{t.words.count(count(rows.length))}</p>
          </Panel>
        );
      }}
    </Loaded>
  );
}

export function WordPanel({
  catalog: c,
  code,
  onClose,
}: {
  catalog: Catalog;
  code: string;
  onClose: () => void;
}) {
  const t = useText();
  const may = useMay();
  const name = useSpecName(c);
  const q = useWords();
  const drop = useDropWord();
  const { done, failed } = useActWords();
  const fresh = code === 'new';
  const w = q.data?.find((x) => x.code === code);
  return (
    <SidePanel
      label={t.words.edit}
      head={<h2>{fresh ? t.words.add : w ? name(w.spec) : t.words.edit}</h2>}
      onClose={onClose}
      acts={
        w && may('catalog.write') ? (
          <Button
            type="text"
            onClick={() =>
              drop.mutate(w, {
                onSuccess: () => {
                  done(t.words.dropped(name(w.spec)));
                  onClose();
                },
                onError: failed,
              })
            }
          >
            {t.words.drop}
          </Button>
        ) : undefined
      }
    >
      {may('catalog.write') && (fresh || w) ? (
        <WordForm key={w?.rev ?? 0} catalog={c} word={w} />
      ) : w ? (
        <Facts
          rows={[
            [t.words.any, w.any?.join(t.and)],
            [t.words.all, w.all?.join(t.and)],
            [t.words.none, w.none?.join(t.and)],
            [t.words.weight, w.spec === danger ? t.words.dangerNote : t.words.weightWords(share(w.weight))],
            [t.words.source, <SourceMark key="s" source={w.source} confidence={w.confidence} />],
          ]}
        />
      ) : (
        <StatePanel state="empty" title={t.words.empty} />
      )}
    </SidePanel>
  );
}

interface Fields {
  spec?: string;
  any: string;
  all: string;
  none: string;
  weight: number;
  source?: string;
  confidence?: Word['confidence'];
}

function WordForm({ catalog: c, word: w }: { catalog: Catalog; word?: Word }) {
  const t = useText();
  const lang = useLang();
  const patch = useSearchPatch<Search>();
  const save = useSaveRow<Word>('word');
  const add = useAddWord();
  const { done, failed } = useActWords();
  const [form] = Form.useForm<Fields>();
  const isDanger = Form.useWatch('spec', form) === danger;
  const weight = Form.useWatch('weight', form) ?? w?.weight ?? 3;
  const submit = (f: Fields) => {
    const body = {
      spec: f.spec ?? '',
      any: wordsIn(f.any),
      all: wordsIn(f.all),
      none: wordsIn(f.none),
      weight: f.weight ?? w?.weight ?? 3,
      source: f.source ?? '',
      confidence: f.confidence ?? ('local' as const),
    };
    if (!body.spec || body.any.length + body.all.length === 0) {
      form.setFields([{ name: 'any', errors: [t.words.need] }]);
      return;
    }
    const on = {
      onSuccess: (saved: Word) => {
        done(t.words.saved);
        patch({ sel: saved.code || w?.code });
      },
      onError: failed,
    };
    if (w) save.mutate({ ...w, ...body }, on);
    else add.mutate(body, on);
  };
  return (
    <Form<Fields>
      form={form}
      layout="vertical"
      requiredMark={false}
      className={css.form}
      initialValues={{
        spec: w?.spec,
        any: w?.any?.join('\n') ?? '',
        all: w?.all?.join('\n') ?? '',
        none: w?.none?.join('\n') ?? '',
        weight: w?.weight ?? 3,
        source: w?.source,
        confidence: w?.confidence || 'local',
      }}
      onFinish={submit}
    >
      <Form.Item name="spec" label={t.words.spec}>
        <Select
          showSearch={{ optionFilterProp: 'label' }}
          options={[
            { value: danger, label: `${t.words.danger}（${t.words.dangerNote}）` },
            ...c.specs.map((s) => ({ value: s.code, label: s[lang] })),
          ]}
        />
      </Form.Item>
      <Form.Item name="any" label={t.words.any} extra={t.words.hint}>
        <Input.TextArea autoSize={{ minRows: 4, maxRows: 12 }} />
      </Form.Item>
      <div className={css.two}>
        <Form.Item name="all" label={t.words.all}>
          <Input.TextArea autoSize={{ minRows: 2, maxRows: 8 }} />
        </Form.Item>
        <Form.Item name="none" label={t.words.none}>
          <Input.TextArea autoSize={{ minRows: 2, maxRows: 8 }} />
        </Form.Item>
      </div>
      {isDanger ? null : (
        <Form.Item name="weight" label={t.words.weight} extra={t.words.weightWords(share(weight))}>
          <InputNumber min={-10} max={10} step={0.5} className={css.full} />
        </Form.Item>
      )}
      <SourceFields />
      <Button type="primary" htmlType="submit" loading={save.isPending || add.isPending}>
        {t.words.save}
      </Button>
    </Form>
  );
}
