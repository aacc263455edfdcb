import type { LiveRules } from '@/api/live';
import type { IconName, Piece } from '../core';
import type { PageRoute } from './router';

/** A page of the bottom bar. */
export interface Tab {
  entry: 'h' | 'w';
  /** Place in the bar; home is 0, the own account 99. */
  order: number;
  path: string;
  zh: string;
  en: string;
  icon: IconName;
  permission?: string;
}

/** What a feature's mobile/index.ts exports, and all that `app` knows of it. */
export interface MobileFeature {
  pages: PageRoute[];
  tabs?: Tab[];
  pieces?: Piece[];
  /** Loaded after the first page: `() => import('../live').then((m) => m.live)`. */
  live?: () => Promise<LiveRules>;
}
