// The week as a grid: workers down, days across. A press on a cell changes that day or every such weekday. Tab moves through the cells.
import { Button } from 'antd';
import { useMay } from '@/api/me';
import { useScope } from '@/api/scope';
import { useNow } from '@/design/clock';
import { Panel, Wide } from '@/design/console';
import { Icon, Loaded } from '@/design/core';
import { dayWord, figure, isoDay, startOfDay, weekday } from '@/design/format';
import { useWorkers, type Worker } from '../api';
import { useText as useWords } from '../text';
import { awayOn, day, dayOf, hoursIn, mondayOf, parseSpans } from '../week';
import { useSpanWords } from './marks';
import css from './party.module.css';
import { ShiftCell } from './ShiftCell';
import type { Search } from './search';
import { useText } from './text';

export function ShiftsTab({
  search: s,
  onSelect,
  onWeek,
}: {
  search: Search;
  onSelect: (worker: string) => void;
  onWeek: (week: string | undefined) => void;
}) {
  const t = useText();
  const words = useWords();
  const now = useNow();
  const scope = useScope();
  const ahead = Number(s.week ?? 0);
  const monday = mondayOf(now) + ahead * 7 * day;
  const days = Array.from({ length: 7 }, (_, i) => monday + i * day);
  const q = useWorkers({ org: s.org, place: scope || undefined, state: 'active' });
  const go = (n: number) => onWeek(n === 0 ? undefined : String(n));
  return (
    <Panel
      flush
      title={t.shifts.week(dayWord(monday, now), dayWord(monday + 6 * day, now))}
      note={t.shifts.legend}
      act={
        <>
          <Button
            size="small"
            type="text"
            aria-label={t.shifts.prev}
            icon={<Icon name="back" size={16} />}
            onClick={() => go(ahead - 1)}
          />
          <Button size="small" type="text" disabled={ahead === 0} onClick={() => go(0)}>
            {t.shifts.now}
          </Button>
          <Button
            size="small"
            type="text"
            aria-label={t.shifts.next}
            icon={<Icon name="next" size={16} />}
            onClick={() => go(ahead + 1)}
          />
        </>
      }
    >
      <Loaded
        query={{ data: q.items, error: q.error, refetch: q.refetch }}
        rows={10}
        empty={t.shifts.noWorkers}
      >
        {(rows) => (
          <Wide label={t.tab.shifts}>
            <table className={css.grid}>
              <thead>
                <tr>
                  <th scope="col">{t.col.person}</th>
                  {days.map((d) => (
                    <th key={d} scope="col" data-today={d === startOfDay(now)}>
                      {weekday(d)} <small>{isoDay(d).slice(5)}</small>
                    </th>
                  ))}
                  <th scope="col" data-right>
                    {t.col.week}
                  </th>
                </tr>
              </thead>
              <tbody>
                {byOrg(rows).map(([org, people]) => (
                  <Group key={org} name={people[0]?.org_name ?? ''} span={9}>
                    {people.map((w) => (
                      <tr key={w.id}>
                        <th scope="row">
                          <button type="button" className={css.who} onClick={() => onSelect(w.id)}>
                            {w.name}
                          </button>
                        </th>
                        {days.map((d, i) => (
                          <Cell key={d} worker={w} start={d} weekdayAt={i} now={now} />
                        ))}
                        <td data-right>{words.hours(figure(hoursIn(w, monday)))}</td>
                      </tr>
                    ))}
                  </Group>
                ))}
              </tbody>
            </table>
          </Wide>
        )}
      </Loaded>
    </Panel>
  );
}

/** Workers under their organization, in the order they came. */
function byOrg(rows: readonly Worker[]): [string, Worker[]][] {
  const groups = new Map<string, Worker[]>();
  for (const w of rows) groups.set(w.org, [...(groups.get(w.org) ?? []), w]);
  return [...groups].sort(([, a], [, b]) => b.length - a.length);
}

function Group({ name, span, children }: { name: string; span: number; children: React.ReactNode }) {
  return (
    <>
      <tr className={css.groupRow}>
        <th scope="rowgroup" colSpan={span}>
          {name}
        </th>
      </tr>
      {children}
    </>
  );
}

function Cell({
  worker: w,
  start,
  weekdayAt,
  now,
}: {
  worker: Worker;
  start: number;
  weekdayAt: number;
  now: number;
}) {
  const t = useText().shifts;
  const words = useWords();
  const may = useMay();
  const say = useSpanWords();
  const { spans, except } = dayOf(w, start);
  const away = awayOn(w, start);
  const text = (
    <>
      {say(spans)
        .split(' ')
        .map((line) => (
          <span key={line}>{line}</span>
        ))}
      {away.map((a) => (
        <small key={a.id}>{words.absence[a.kind] ?? words.away}</small>
      ))}
    </>
  );
  const marks = {
    'data-off': spans.length === 0,
    'data-away': away.length > 0,
    'data-except': except,
    'data-past': start + day <= now,
  };
  if (!may('party.write') || start + day <= now) {
    return (
      <td {...marks} title={except ? t.except : undefined}>
        <div>{text}</div>
      </td>
    );
  }
  return (
    <td {...marks} title={except ? t.except : undefined}>
      <ShiftCell
        worker={w}
        start={start}
        weekdayAt={weekdayAt}
        text={text}
        pattern={parseSpans(w.week[weekdayAt] ?? '') ?? []}
      />
    </td>
  );
}
