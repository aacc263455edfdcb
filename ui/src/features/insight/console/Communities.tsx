// The communities side by side: one row per figure, one column per community, the street at the end. A table, so that A3 holds by itself.
import { Panel } from '@/design/console';
import { figure } from '@/design/format';
import { useLang } from '@/i18n';
import { useBase } from '@/i18n/base';
import { type Community, useBoardsOf, type Value } from '../api';
import { bestOf, gapOf, nameOf, notJudged, standing, target, worded } from '../figures';
import { useText } from '../text';
import css from './insight.module.css';

export function Communities({
  five,
  communities,
  span,
  kpi,
}: {
  five: Value[];
  communities?: Community[];
  span: string;
  /** Figure the title speaks of. */
  kpi?: string;
}) {
  const t = useText();
  const lang = useLang();
  const shown = (communities ?? []).slice(0, 6);
  const boards = useBoardsOf(
    shown.map((c) => c.place),
    span,
  );
  const at = (c: number, slug: string) => boards[c]?.data?.find((v) => v.slug === slug);
  const of = five.find((v) => v.slug === kpi) ?? five[0];
  const best = bestOf(
    shown.flatMap((c, i) => {
      const value = of ? at(i, of.slug) : undefined;
      return value ? [{ name: c.name, value }] : [];
    }),
  );
  return (
    <Panel
      title={
        best && of ? t.best(nameOf(of, lang), best.name, worded(best.value.value, of.unit, t)) : t.sideBySide
      }
      note={best ? undefined : t.last(t.spans[span] ?? span)}
    >
      <div className={css.scroll}>
        <table className={css.table}>
          <thead>
            <tr>
              <th scope="col">{t.kpi}</th>
              <th scope="col">{t.target}</th>
              {shown.map((c) => (
                <th scope="col" key={c.place}>
                  {c.name}
                </th>
              ))}
              <th scope="col">{t.whole}</th>
            </tr>
          </thead>
          <tbody>
            {five.map((v) => (
              <tr key={v.slug}>
                <th scope="row">{nameOf(v, lang)}</th>
                <td>{target(v, t)}</td>
                {shown.map((c, i) => (
                  <Cell key={c.place} value={at(i, v.slug)} />
                ))}
                <Cell value={v} />
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </Panel>
  );
}

function Cell({ value: v }: { value?: Value }) {
  const t = useText();
  const base = useBase();
  if (!v) return <td>—</td>;
  const why = notJudged(v, t, base.small);
  return (
    <td data-thin={Boolean(why)} title={why || standing(v, t)}>
      {v.value === undefined ? '—' : figure(v.value)}
      <small>{v.state === 'not_measurable' ? t.notMeasurable : why || (v.met ? t.met : gapOf(v, t))}</small>
    </td>
  );
}
