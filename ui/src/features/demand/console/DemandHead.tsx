// Head of a demand: door plate, grade, state, time left. Texts, not controls.
import { DoorPlate, LevelMark, TimeLeft } from '@/design/core';
import type { Demand } from '../api';
import { useText as useWords } from '../text';
import { severityOf } from '../words';
import css from './demand.module.css';
import { useText } from './text';
import { useNames } from './useNames';

export function Grade({ demand: d }: { demand: Demand }) {
  const t = useText();
  const w = useWords();
  const severity = severityOf(d);
  return severity ? (
    <LevelMark severity={severity} word={d.attention ? t.danger : w.urgency[d.urgency]} />
  ) : null;
}

/** A door plate where a house is known, else the name of the area, else that nobody said. */
export function Where({ place, size }: { place: string; size?: 'row' | 'page' }) {
  const t = useText();
  const { town } = useNames();
  if (place.split('/').length >= 3) return <DoorPlate label={town.door(place)} size={size} />;
  return <small className={css.soft}>{town.spot(place)?.name ?? t.nowhere}</small>;
}

/** Time left until a person must have taken it; what nobody waits for has none. */
export function Left({ demand: d }: { demand: Demand }) {
  const waits = d.state === 'queued' || d.state === 'hint' || d.state === 'new';
  return waits ? <TimeLeft due={d.due_at} from={d.submitted_at} /> : <span>—</span>;
}

export function DemandHead({ demand: d, size }: { demand: Demand; size?: 'row' | 'page' }) {
  const w = useWords();
  return (
    <>
      <Where place={d.place} size={size} />
      <Grade demand={d} />
      <span>{w.state[d.state]}</span>
      {d.state === 'queued' || d.state === 'hint' ? <Left demand={d} /> : null}
    </>
  );
}
