import { oneOf, said, text, texts } from '@/design/search';

type Raw = Record<string, unknown>;

/** What the board shows: the day, whose lanes, the chosen order or worker. */
export interface Search {
  day?: string;
  who?: string;
  q?: string;
  sel?: string;
  worker?: string;
  map?: string;
}

export const boardSearch = texts('day', 'who', 'q', 'sel', 'worker', 'map');

/** The plan: the day after tomorrow when `day` is 2, and the chosen visit. */
export interface PlanSearch {
  day?: '2';
  sel?: string;
}

export const planSearch = (s: Raw): PlanSearch =>
  said({ day: String(s.day) === '2' ? ('2' as const) : undefined, sel: text(s.sel) });

/** The replay: days back, today when left out, and the minute of the day. */
export interface ReplaySearch {
  back?: string;
  at?: string;
}

export const replaySearch = (s: Raw): ReplaySearch => {
  const whole = (v: unknown) => (/^\d{1,4}$/.test(String(v)) ? String(v) : undefined);
  return said({ back: whole(s.back), at: whole(s.at) });
};

export interface SeriesSearch {
  state?: 'stopped';
}

export const seriesSearch = (s: Raw): SeriesSearch => said({ state: oneOf(s.state, ['stopped'] as const) });
