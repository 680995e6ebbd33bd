import type { ClusterTiming } from './cluster-options.ts';

/**
 * Between machines: a dead leader is replaced in two to four seconds, and a pause of a second is no reason for an
 * election. The lease is a quarter shorter than the shortest election time: so clocks may differ by a tenth in speed.
 */
const defaultTiming: ClusterTiming = {
  heartbeatMs: 400,
  electionMinMs: 2000,
  electionMaxMs: 3500,
  leaseMs: 1500,
  probeMs: 500,
  probeTimeoutMs: 200,
  suspicionRounds: 3,
  foundingMarginMs: 3000,
  seedsFoundingMs: 1000,
  seedsLaterMs: 30_000,
  replaceAfterMs: 60_000,
};

/** For one machine, or a network without surprises. */
const fastTiming: ClusterTiming = {
  heartbeatMs: 60,
  electionMinMs: 300,
  electionMaxMs: 550,
  leaseMs: 225,
  probeMs: 150,
  probeTimeoutMs: 60,
  suspicionRounds: 3,
  foundingMarginMs: 300,
  seedsFoundingMs: 150,
  seedsLaterMs: 5000,
  replaceAfterMs: 5000,
};

/** What an election time must exceed a lease by, so that clocks a tenth too fast and too slow do no harm. */
const MOST_LEASE = 0.8;

/** Fills in what isn't given. Throws a RangeError that says which two don't go together. */
export function timingOf(given: 'default' | 'fast' | Partial<ClusterTiming> = 'default'): ClusterTiming {
  if (given === 'default') return defaultTiming;
  if (given === 'fast') return fastTiming;
  const timing = { ...defaultTiming, ...given };
  checkTimes(given, timing);
  const { electionMaxMs, electionMinMs, heartbeatMs, leaseMs, probeMs, probeTimeoutMs } = timing;
  if (leaseMs > electionMinMs * MOST_LEASE)
    throw new RangeError(
      `timing.leaseMs (${leaseMs}) is more than ${MOST_LEASE} of timing.electionMinMs (${electionMinMs}): another could lead before it ends. Shorten the lease, or lengthen the election time.`,
    );
  if (electionMaxMs < electionMinMs * 1.2)
    throw new RangeError(
      `timing.electionMaxMs (${electionMaxMs}) must be at least 1.2 times timing.electionMinMs (${electionMinMs}): instances would stand for election at the same time.`,
    );
  if (heartbeatMs * 2 > leaseMs)
    throw new RangeError(
      `timing.heartbeatMs (${heartbeatMs}) must be at most half of timing.leaseMs (${leaseMs}): one lost packet would end the lease.`,
    );
  if (probeTimeoutMs >= probeMs)
    throw new RangeError(
      `timing.probeTimeoutMs (${probeTimeoutMs}) must be less than timing.probeMs (${probeMs}).`,
    );
  return timing;
}

/** A program in JavaScript may give anything, also a preset that there is not, or a misspelt time. */
function checkTimes(given: unknown, timing: ClusterTiming): void {
  if (typeof given !== 'object' || given === null)
    throw new RangeError(
      `\`timing\` is ${JSON.stringify(given)}. Give 'default', 'fast', or some of the times, such as { heartbeatMs: 400 }.`,
    );
  for (const [name, value] of Object.entries(timing)) {
    if (!Object.hasOwn(defaultTiming, name))
      throw new RangeError(`timing.${name} is no time. There are ${Object.keys(defaultTiming).join(', ')}.`);
    if (!(Number.isFinite(value) && value > 0))
      throw new RangeError(`timing.${name} is ${shown(value)}; it must be a number above 0.`);
  }
}

function shown(value: unknown): string {
  return typeof value === 'string' ? JSON.stringify(value) : String(value);
}
