import type { Versioned } from '@vibrissa/cluster';
import { expect, test } from 'vitest';

import { outdatedOutcomes } from './outdated-outcomes.ts';

function outcomes(...ages: readonly number[]): ReadonlyMap<string, Versioned> {
  return new Map(
    ages.map((at, index) => [`outcome/${index}`, { version: index + 1, value: { at, kind: 'failed' } }]),
  );
}

test('an outcome is kept until its time is over', () => {
  const limits = { keepMs: 100, keepMost: 10 };
  expect(outdatedOutcomes(outcomes(1000, 1050, 1100), 1100, limits)).toEqual(['outcome/0']);
  expect(outdatedOutcomes(outcomes(1000), 1099, limits)).toEqual([]);
});

test('of too many the newest are kept, whatever their clocks said', () => {
  const limits = { keepMs: 1e9, keepMost: 2 };
  expect(outdatedOutcomes(outcomes(3000, 1000, 2000), 3000, limits)).toEqual(['outcome/0']);
});
