// One cell: how many, its place among the others. Escape closes it.
import { Facts, SidePanel } from '@/design/console';
import { AsOf, StatePanel } from '@/design/core';
import { count, percent } from '@/design/format';
import type { HeatMap } from '../api';
import { ranked } from '../cells';
import { useText } from '../text';

export function CellPanel({
  cell,
  heat,
  where,
  about,
  onClose,
}: {
  cell: string;
  heat: HeatMap;
  where: string;
  about: string;
  onClose: () => void;
}) {
  const t = useText();
  const all = ranked(heat.cells);
  const one = all.find((r) => r.cell === cell);
  return (
    <SidePanel label={t.cell} head={<h2>{where}</h2>} onClose={onClose}>
      {one ? (
        <Facts
          rows={[
            [t.count, `${count(one.n)}`],
            [t.share, percent(one.share)],
            [t.rank, t.rankOf(count(one.rank), count(all.length))],
            [t.window, about],
            ['', <AsOf key="a" at={heat.as_of} />],
          ]}
        />
      ) : (
        <StatePanel state="suppressed" title={t.fewShort} detail={t.floor(count(heat.floor))} />
      )}
    </SidePanel>
  );
}
