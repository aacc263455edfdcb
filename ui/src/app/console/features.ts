import type { ConsoleFeature } from '@/design/console/frame';
import { auth } from '@/features/auth/console';
import { catalog } from '@/features/catalog/console';
import { demand } from '@/features/demand/console';
import { dispatch } from '@/features/dispatch/console';
import { evaluate } from '@/features/evaluate/console';
import { heat } from '@/features/heat/console';
import { insight } from '@/features/insight/console';
import { match } from '@/features/match/console';
import { order } from '@/features/order/console';
import { party } from '@/features/party/console';
import { resident } from '@/features/resident/console';
import { overview } from './overview';

/** Every feature of the console, one line each. A line is added when the feature's first page works. */
export const features: readonly ConsoleFeature[] = [
  overview,
  demand,
  order,
  dispatch,
  heat,
  insight,
  evaluate,
  match,
  party,
  resident,
  catalog,
  auth,
];
