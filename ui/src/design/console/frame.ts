import { type AnyRoute, createRootRoute, createRoute } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import type { LiveRules } from '@/api/live';
import type { IconName, Piece } from '../core';
import type { Moment } from '../format';

/** The root of the console's routes; `app/console` gives it its component. */
export const consoleRoot = createRootRoute();

/** Parent of every page inside the shell: `createRoute({ getParentRoute: () => consoleShell, … })`. */
export const consoleShell = createRoute({ getParentRoute: () => consoleRoot, id: 'shell' });

/** Groups of the menu, in this order: 值守 空间 主体 治理 配置. */
export const menuGroups = ['duty', 'space', 'people', 'govern', 'config'] as const;
export type MenuGroup = (typeof menuGroups)[number];

export interface MenuItem {
  group: MenuGroup;
  /** Place within the group, small first. */
  order: number;
  path: string;
  /** At most five Chinese characters. */
  zh: string;
  en: string;
  icon: IconName;
  /** The item is absent without it. */
  permission?: string;
  /** How many things wait for somebody to act; a hook. Nothing is shown for 0 and undefined. */
  useCount?: () => number | undefined;
}

/** A line the palette (Ctrl K) can offer. */
export interface Hit {
  id: string;
  title: string;
  note?: string;
  icon: IconName;
  to: string;
}

/** Something that waits for the person on duty: who, where, what, how long left, and its one act. */
export interface WorkRow {
  id: string;
  due: Moment;
  /** Start of the clock. */
  from?: Moment;
  /** The clock is stopped. */
  paused?: boolean;
  /** Door plate, or the name of the area. */
  where: ReactNode;
  /** Graded mark, when it has one. */
  grade?: ReactNode;
  what: string;
  who?: string;
  state: string;
  /** Where the row leads. */
  to: string;
  act?: { label: string; run: () => void };
}

/** A feature's rows on the duty home, where the rows of all features make one list by time left. */
export interface WorkSource {
  permission?: string;
  /** A hook; undefined while reading. */
  useRows: () => WorkRow[] | undefined;
}

/** What a feature's console/index.ts exports, and all that `app` knows of it. */
export interface ConsoleFeature {
  routes: AnyRoute[];
  menu?: MenuItem[];
  pieces?: Piece[];
  work?: WorkSource;
  live?: LiveRules;
  /** Answers the palette; asked only of holders of `permission`, with at least two letters or one Chinese character. */
  search?: { permission?: string; find: (words: string, signal: AbortSignal) => Promise<Hit[]> };
}
