import { APPLICATION_ERROR, WHISK_ERROR, type ActivationRecord } from '@vibrissa/protocol';
import type { Metrics } from '../../base/metrics.ts';

const MS_PER_SECOND = 1000;

/** What is measured of activations that end in an invoker. */
export interface ActivationInstruments {
  /** One has begun. */
  started(): void;
  /** One has ended; its record has the times. */
  ended(record: ActivationRecord): void;
  /** Logs that came after their record took so long, in milliseconds; not whole: some never came. */
  logged(tookMs: number, whole: boolean): void;
}

/** Declares an invoker's instruments. */
export function openActivationInstruments(metrics: Metrics): ActivationInstruments {
  const starts = metrics.counter('counter_invoker_activation_start_total');
  const errors = metrics.counter('counter_invoker_activation_error_total');
  const initErrors = metrics.counter('counter_invoker_activationInit_error_total');
  const runErrors = metrics.counter('counter_invoker_activationRun_error_total');
  const logErrors = metrics.counter('counter_invoker_collectLogs_error_total');
  const waits = metrics.histogram('histogram_invoker_activationWait_finish_seconds');
  const inits = metrics.histogram('histogram_invoker_activationInit_finish_seconds');
  const runs = metrics.histogram('histogram_invoker_activationRun_finish_seconds');
  const logs = metrics.histogram('histogram_invoker_collectLogs_finish_seconds');
  return {
    started: () => starts.add(),
    ended: ({ duration = 0, initTime, response, waitTime }) => {
      const { statusCode } = response;
      if (statusCode === WHISK_ERROR) errors.add();
      if (waitTime !== undefined) waits.observe(waitTime / MS_PER_SECOND);
      const runMs = duration - (initTime ?? 0);
      if (initTime !== undefined) inits.observe(initTime / MS_PER_SECOND);
      // What never came to `/run` has no time there.
      const failedInInit = initTime !== undefined && runMs === 0;
      if (!failedInInit && duration > 0) runs.observe(runMs / MS_PER_SECOND);
      if (statusCode > APPLICATION_ERROR) (failedInInit ? initErrors : runErrors).add();
    },
    logged: (tookMs, whole) => {
      logs.observe(tookMs / MS_PER_SECOND);
      if (!whole) logErrors.add();
    },
  };
}
