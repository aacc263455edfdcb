import type { Step } from '@/design/core/Steps';
import { millis, spoken } from '@/design/format';
import { getLang } from '@/i18n';
import type { Order } from '../api';
import type { zh } from './text.zh';

type Text = typeof zh;

/** How residents speak of who comes: the surname with the usual address of the trade, or the word for nobody known. */
export function callName(t: Text, o: Pick<Order, 'worker' | 'item'>): string {
  const name = o.worker?.name?.trim();
  if (!name) return t.someone;
  return t.called(Array.from(name)[0] ?? name, name, o.item);
}

/** Where the service stands, in one sentence an elder understands. */
export function sentence(t: Text, o: Order): string {
  const say = t.say[o.state];
  if (typeof say === 'string') return say;
  if (!o.worker && o.facility) return t.seat;
  const by = o.state === 'accepted' || o.state === 'en_route' ? arrival(t, o) : '';
  return say(callName(t, o)) + by;
}

/** "，下午 3:00前到", while somebody is to come within a promised window. */
function arrival(t: Text, o: Order): string {
  const to = millis(o.promise?.to);
  if (to === undefined) return '';
  return `${getLang() === 'zh' ? '，' : ', '}${t.arrivesBy(spoken(to))}`;
}

/** The course of a service as residents follow it; what is to come carries the promise. */
export function courseOf(t: Text, o: Order): Step[] {
  const promise = millis(o.promise?.from) !== undefined ? t.about(spoken(o.promise?.from)) : undefined;
  const first: Step[] = [
    { name: t.steps.asked, at: o.submitted_at },
    { name: t.steps.taken, at: o.accepted_at },
  ];
  const visit: Step[] = o.facility
    ? [{ name: t.steps.here, at: o.arrived_at, note: promise }]
    : [
        { name: t.steps.way, at: wayAt(o) },
        { name: t.steps.here, at: o.arrived_at, note: promise },
      ];
  return [
    ...first,
    ...visit,
    { name: t.steps.done, at: o.finished_at },
    { name: t.steps.rated, at: o.stars ? (o.closed_at ?? o.since) : undefined },
  ];
}

/** The answer does not say when somebody set off; on the way it is since then, afterwards it was at the latest on arrival. */
const wayAt = (o: Order) => (o.state === 'en_route' ? o.since : o.arrived_at);
