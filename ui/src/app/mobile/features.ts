import type { MobileFeature } from '@/design/mobile/frame';
import { match } from '@/features/match/mobile';

/** Every feature of the phone, one line each. A line is added when the feature's first page works. */
export const features: readonly MobileFeature[] = [match];
