// Four big ways to ask for the usual, one to write, one to a human. Each tile opens the form with its services to choose from.
import { dutyPhone } from '@/api/duty';
import type { IconName } from '@/design/icons/Icon';
import { BigButton, CallButton, Tile } from '@/design/mobile/Button';
import { go } from '@/design/mobile/router';
import css from './demand.module.css';
import { groups } from './groups';
import { useText } from './text';

const icons: Record<keyof typeof groups, IconName> = {
  meal: 'bowl',
  repair: 'wrench',
  care: 'heart',
  home: 'broom',
};

export default function Tiles() {
  const t = useText();
  return (
    <>
      <div className={css.tiles}>
        {(Object.keys(groups) as (keyof typeof groups)[]).map((g) => (
          <Tile
            key={g}
            icon={icons[g]}
            title={t.tiles[g]?.[0]}
            note={t.tiles[g]?.[1]}
            onPress={() => go(`/h/demand/new?of=${g}`)}
          />
        ))}
      </div>
      <div className={css.two}>
        <BigButton icon="pen" onPress={() => go('/h/demand/new')}>
          {t.write}
        </BigButton>
        <CallButton phone={dutyPhone}>{t.talk}</CallButton>
      </div>
    </>
  );
}
