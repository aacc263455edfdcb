// What residents said, in five figures: each with its interval and how many it rests on; a figure opens to its definition.
import { Lineage, type LineageFacts } from '@/design/core';
import { count, figure, percent } from '@/design/format';
import { useBase } from '@/i18n/base';
import { type Estimate, useRates, useSummary } from '../api';
import css from './evaluate.module.css';
import { useText } from './text';

export function Figures({ place }: { place: string }) {
  const t = useText();
  const all = useSummary('all', { place }).data;
  const group = all?.items[0];
  const rates = useRates(place).data;
  const excluded = Object.entries(group?.excluded ?? {})
    .filter(([, n]) => n > 0)
    .map(([k, n]) => t.excludedN(t.excluded[k] ?? k, n));
  const share = (v: number) => percent(v);
  const points = (v: number) => figure(Math.round(v), 0);
  const f = t.figures;
  return (
    <div className={css.figures}>
      <Figure
        name={f.nps}
        est={group?.nps}
        print={points}
        unit={t.unit.nps}
        rests={t.rests(count(group?.nps?.n ?? 0))}
        nothing={all ? t.none : ''}
        facts={{ definition: t.about.nps, denominator: group?.nps?.n, excluded }}
      />
      <Figure
        name={f.satisfied}
        est={group?.satisfied}
        print={share}
        rests={t.rests(count(group?.n ?? 0))}
        nothing={all ? t.none : ''}
        facts={{ definition: t.about.satisfied, denominator: group?.n }}
      />
      {(
        [
          [f.contacted, rates?.contacted, t.about.contacted],
          [f.solved, rates?.solved, t.about.solved],
          [f.pleased, rates?.satisfied, t.about.pleased],
        ] as const
      ).map(([name, est, about]) => (
        <Figure
          key={name}
          name={name}
          est={est}
          print={share}
          rests={t.reached(count(rates?.reached ?? 0))}
          nothing={rates ? t.noneCalls : ''}
          facts={{ definition: about, denominator: rates?.reached }}
        />
      ))}
    </div>
  );
}

function Figure({
  name,
  est,
  print,
  unit,
  rests,
  nothing,
  facts,
}: {
  name: string;
  est: Estimate | undefined;
  print: (v: number) => string;
  unit?: string;
  rests: string;
  nothing: string;
  facts: LineageFacts;
}) {
  const t = useText();
  const base = useBase();
  return (
    <section className={css.figure}>
      <h2>{name}</h2>
      {est ? (
        <>
          <Lineage facts={facts}>
            <span className={css.value} data-weak={!est.judgeable}>
              {est.judgeable ? print(est.value) : base.small(est.n, 30)}
              {est.judgeable && unit ? <small>{unit}</small> : null}
            </span>
          </Lineage>
          {est.judgeable ? <small>{t.interval(print(est.low), print(est.high))}</small> : null}
          <small>{rests}</small>
        </>
      ) : (
        <p>{nothing}</p>
      )}
    </section>
  );
}
