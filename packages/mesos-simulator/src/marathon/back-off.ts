import type { AppSpec } from './app-spec.ts';

/** How long the next launch of an app waits because others have failed. */
export interface BackOff {
  /** 0: nothing has failed. */
  readonly delayMs: number;
  /** In milliseconds of steps. */
  readonly untilMs: number;
}

export const noBackOff: BackOff = { delayMs: 0, untilMs: 0 };

/** A task that has run for so long was no failed start. */
const VIABLE_MS = 60_000;

/** After a task that ran for `ranMs` has ended without being asked to. */
export function afterFailure(
  before: BackOff,
  { backoffMs, backoffFactor, maxLaunchDelayMs }: AppSpec,
  { ranMs, nowMs }: { readonly ranMs: number; readonly nowMs: number },
): BackOff {
  const isFirst = before.delayMs === 0 || ranMs >= VIABLE_MS;
  const delayMs = Math.min(maxLaunchDelayMs, isFirst ? backoffMs : before.delayMs * backoffFactor);
  return { delayMs, untilMs: nowMs + delayMs };
}
