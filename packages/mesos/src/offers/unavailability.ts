import type { WireOffer } from '../wire/index.ts';

const DEFAULT_HORIZON_MS = 3_600_000;

/**
 * Does the maintenance of the offer's machine go on, or begin within the horizon (ms; default an hour)?
 * An agent is offered with its `unavailability` as long as the schedule stands, also before and after the window.
 */
export function isLeaving(
  offer: Pick<WireOffer, 'unavailability'>,
  epochMs: number,
  horizonMs: number = DEFAULT_HORIZON_MS,
): boolean {
  const { unavailability } = offer;
  if (unavailability === undefined) return false;
  const startMs = unavailability.start.nanoseconds / 1e6;
  const durationMs = (unavailability.duration?.nanoseconds ?? Infinity) / 1e6;
  return startMs <= epochMs + horizonMs && epochMs < startMs + durationMs;
}
