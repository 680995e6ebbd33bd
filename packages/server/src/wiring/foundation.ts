import { randomInt } from 'node:crypto';

import { randomIds, type Ids } from '../base/ids.ts';
import { systemClock, type Clock } from '../base/clock.ts';
import type { Logger } from '../base/logger.ts';
import type { Config } from '../config/schema.ts';
import { noUserEvents, type UserEvents } from '../observability/user-events.ts';
import { ActionMetrics } from '../observability/action-metrics.ts';
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
  /** Told of what happens to users' actions. */
  readonly events: UserEvents;
  /** The page that Prometheus scrapes. */
  readonly metricsText: () => Promise<string>;
}

const STEPS = 2 ** 47;

/** The foundation of a real platform. */
export function layFoundation(config: Config, logger: Logger): Foundation {
  const random = (): number => randomInt(STEPS) / STEPS;
  const metrics = new PrometheusMetrics();
  const base = { config, logger, clock: systemClock, ids: randomIds, random, metrics };
  const { enabled, ignoredNamespaces } = config.userEvents;
  if (!enabled) return { ...base, events: noUserEvents, metricsText: () => metrics.text() };
  const events = ActionMetrics.open({
    payloadMaxBytes: config.activation.payload.max,
    ignoredNamespaces,
  });
  return { ...base, events, metricsText: async () => `${await metrics.text()}${events.text()}` };
}
