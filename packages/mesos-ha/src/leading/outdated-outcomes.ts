import type { Versioned } from '@vibrissa/cluster';

import type { Outcome } from '../shared/outcome.ts';

export interface OutcomeLimits {
  /** For how long an outcome is kept, in milliseconds. */
  readonly keepMs: number;
  /** How many are kept at most. */
  readonly keepMost: number;
}

/** The keys of those that need be kept no longer: too old, or too many newer ones. */
export function outdatedOutcomes(
  outcomes: ReadonlyMap<string, Versioned>,
  epochMs: number,
  { keepMs, keepMost }: OutcomeLimits,
): readonly string[] {
  const newestFirst = [...outcomes].toSorted(([, one], [, other]) => other.version - one.version);
  return newestFirst
    .filter(([, { value }], index) => {
      const { at } = value as unknown as Outcome;
      return index >= keepMost || at + keepMs <= epochMs;
    })
    .map(([key]) => key);
}
