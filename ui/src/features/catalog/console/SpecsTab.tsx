// Three categories, twelve items, their specifications. An item on the left narrows the list and says its standard. ↑↓ move.

import { Button } from 'antd';
import { useState } from 'react';
import { useMay } from '@/api/me';
import { type Column, Panel, WorkList } from '@/design/console';
import { count } from '@/design/format';
import { useLang } from '@/i18n';
import type { Catalog, Item, Spec } from '../api';
import { useText } from '../text';
import css from './catalog.module.css';
import { ItemForm } from './ItemForm';
import { SourceMark } from './marks';
import type { Search } from './search';

export function SpecsTab({
  catalog: c,
  search: s,
  onItem,
  onSelect,
}: {
  catalog: Catalog;
  search: Search;
  onItem: (code: string | undefined) => void;
  onSelect: (code: string) => void;
}) {
  const t = useText();
  const lang = useLang();
  const item = c.items.find((i) => i.code === s.item);
  const q = s.q?.toLowerCase();
  const fits = (x: Spec) =>
    (!s.mode || x.mode === s.mode) &&
    (!s.confidence || (x.confidence || 'proposed') === s.confidence) &&
    (!q || `${x.zh} ${x.en} ${x.code}`.toLowerCase().includes(q));
  const all = c.specs.filter(fits);
  const rows = all.filter((x) => !s.item || x.item === s.item);
  const itemName = (code: string) => c.items.find((i) => i.code === code)?.[lang] ?? code;
  const priceName = (code: string) => c.prices.find((p) => p.code === code)?.[lang] ?? code;
  const columns: (Column<Spec> & { wide?: boolean })[] = [
    {
      key: 'n',
      title: t.col.name,
      width: 'minmax(136px, 1fr)',
      render: (x) => (
        <>
          <b className={css.name} data-off={x.off}>
            {x[lang]}
          </b>
          {x.off ? <small className={css.after}>{t.off}</small> : null}
        </>
      ),
    },
    ...(item
      ? []
      : [
          {
            key: 'i',
            title: t.col.item,
            width: 'minmax(96px, 0.7fr)',
            wide: true,
            render: (x: Spec) => itemName(x.item),
          },
        ]),
    { key: 'm', title: t.col.mode, width: '64px', render: (x) => t.mode[x.mode] },
    { key: 's', title: t.col.sla, width: '48px', render: (x) => x.sla },
    {
      key: 'l',
      title: t.col.minutes,
      width: '72px',
      right: true,
      render: (x) => t.minutes(count(x.minutes)),
    },
    {
      key: 'p',
      title: t.col.price,
      width: 'minmax(88px, 0.6fr)',
      wide: true,
      render: (x) => priceName(x.price),
    },
    {
      key: 'c',
      title: t.col.source,
      width: 'minmax(176px, 1fr)',
      wide: true,
      render: (x) => <SourceMark source={x.source} confidence={x.confidence} />,
    },
  ];
  return (
    <div className={css.shelf}>
      <nav className={css.tree} aria-label={t.title}>
        <Choice name={t.all} n={all.length} on={!s.item} onPress={() => onItem(undefined)} />
        {c.categories.map((k) => (
          <div key={k.code}>
            <p title={lang === 'zh' ? k.about_zh : k.about_en}>{k[lang]}</p>
            {c.items
              .filter((i) => i.category === k.code)
              .map((i) => (
                <Choice
                  key={i.code}
                  name={i[lang]}
                  n={all.filter((x) => x.item === i.code).length}
                  on={i.code === s.item}
                  onPress={() => onItem(i.code === s.item ? undefined : i.code)}
                />
              ))}
          </div>
        ))}
      </nav>
      <div className={css.stack}>
        {item ? <ItemNote key={item.code} item={item} /> : null}
        <Panel flush>
          <WorkList<Spec>
            label={t.tab.specs}
            rows={rows}
            id={(x) => x.code}
            columns={s.sel ? columns.filter((x) => !x.wide) : columns}
            selected={s.sel}
            onSelect={(x) => onSelect(x.code)}
            empty={t.noSpecs}
            maxHeight={item ? undefined : 'calc(100vh - 200px)'}
          />
        </Panel>
      </div>
    </div>
  );
}

function Choice({ name, n, on, onPress }: { name: string; n: number; on: boolean; onPress: () => void }) {
  return (
    <button type="button" aria-pressed={on} onClick={onPress}>
      <span>{name}</span>
      <small>{count(n)}</small>
    </button>
  );
}

/** The standard of an item: how long, who, where, how it is judged. */
function ItemNote({ item: i }: { item: Item }) {
  const t = useText().item;
  const lang = useLang();
  const may = useMay();
  const [editing, setEditing] = useState(false);
  const zh = lang === 'zh';
  return (
    <Panel
      title={i[lang]}
      act={
        may('catalog.write') ? (
          <Button size="small" onClick={() => setEditing(true)}>
            {t.edit}
          </Button>
        ) : undefined
      }
    >
      <dl className={css.note}>
        <dt>{t.duration}</dt>
        <dd>{zh ? i.duration_zh : i.duration_en}</dd>
        <dt>{t.staff}</dt>
        <dd>{zh ? i.staff_zh : i.staff_en}</dd>
        <dt>{t.site}</dt>
        <dd>{zh ? i.site_zh : i.site_en}</dd>
        <dt>{t.goal}</dt>
        <dd>{zh ? i.goal_zh : i.goal_en}</dd>
        <dt>{t.source}</dt>
        <dd>
          <SourceMark source={i.source} confidence={i.confidence} />
        </dd>
      </dl>
      {editing ? <ItemForm item={i} onClose={() => setEditing(false)} /> : null}
    </Panel>
  );
}
