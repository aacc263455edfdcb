import type { MobileFeature } from '@/design/mobile/frame';
import { demand } from '@/features/demand/mobile';
import { evaluate } from '@/features/evaluate/mobile';
import { match } from '@/features/match/mobile';
import { order } from '@/features/order/mobile';
import { party } from '@/features/party/mobile';
import { resident } from '@/features/resident/mobile';

/** Every feature of the phone, one line each. A line is added when the feature's first page works. */
export const features: readonly MobileFeature[] = [demand, order, evaluate, match, party, resident];
