import { randomInt } from 'node:crypto';

import { randomIds, type Ids } from '../base/ids.ts';
import { systemClock, type Clock } from '../base/clock.ts';
import type { Logger } from '../base/logger.ts';
import type { Config } from '../config/schema.ts';
import { PrometheusMetrics } from '../observability/prometheus-metrics.ts';

/** As OpenWhisk's standalone server says it: clients take it for a development platform. */
export const BUILD_NUMBER = 'standalone';

/** What every part of the platform is given: settings, time, ids, chance, log and metrics. */
export interface Foundation {
  readonly config: Config;
  readonly clock: Clock;
  readonly ids: Ids;
  /** In [0, 1). */
  readonly random: () => number;
  readonly logger: Logger;
  readonly metrics: PrometheusMetrics;
}

const STEPS = 2 ** 47;

/** The foundation of a real platform. */
export function layFoundation(config: Config, logger: Logger): Foundation {
  const random = (): number => randomInt(STEPS) / STEPS;
  return { config, logger, clock: systemClock, ids: randomIds, random, metrics: new PrometheusMetrics() };
}
