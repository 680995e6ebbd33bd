import { randomInt } from 'node:crypto';

import { randomIds, type Ids } from '../base/ids.ts';
import { systemClock, type Clock } from '../base/clock.ts';
import type { Logger } from '../base/logger.ts';
import type { Trails } from '../base/trail.ts';
import type { Config } from '../config/schema.ts';
import { loadParameterLocks } from '../parameters/load-parameter-keys.ts';
import type { ParameterLocks } from '../parameters/parameter-locks.ts';
import { noUserEvents, type UserEvents } from '../observability/user-events.ts';
import { ActionMetrics } from '../observability/action-metrics.ts';
import { PrometheusMetrics } from '../observability/prometheus-metrics.ts';
import { ObservedTrails } from '../observability/trails.ts';
import { openTracing } from './open-tracing.ts';

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
  /** Who is followed through log and traces. */
  readonly trails: Trails;
  /** Locks users' parameters for the store, and unlocks them for their actions. */
  readonly parameterLocks: ParameterLocks;
  /** Sends the spans that are left. */
  readonly closeTracing: () => Promise<void>;
  /** Told of what happens to users' actions. */
  readonly events: UserEvents;
  /** The page that Prometheus scrapes. */
  readonly metricsText: () => Promise<string>;
}

const STEPS = 2 ** 47;

/** The foundation of a real platform. */
export async function layFoundation(config: Config, logger: Logger): Promise<Foundation> {
  const random = (): number => randomInt(STEPS) / STEPS;
  const parameterLocks = loadParameterLocks(config.parameterStorage);
  const metrics = new PrometheusMetrics();
  const tracing = await openTracing(config, { clock: systemClock, logger, metrics });
  const common = { logger, clock: systemClock, ids: randomIds, random };
  const trails = new ObservedTrails({ ...common, isDebug: config.log.level === 'debug', tracing });
  const closeTracing = async (): Promise<void> => tracing?.close();
  const base = { ...common, config, metrics, parameterLocks, trails, closeTracing };
  const { enabled, ignoredNamespaces } = config.userEvents;
  if (!enabled) return { ...base, events: noUserEvents, metricsText: () => metrics.text() };
  const events = ActionMetrics.open({
    payloadMaxBytes: config.activation.payload.max,
    ignoredNamespaces,
  });
  return { ...base, events, metricsText: async () => `${await metrics.text()}${events.text()}` };
}
