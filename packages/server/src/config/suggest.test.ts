import { expect, it } from 'vitest';

import { suggest } from './suggest.ts';

const flags = [
  '--invocationsPerMinute',
  '--firesPerMinute',
  '--concurrentInvocations',
  '--maxActionMemory',
  '--data-dir',
  '--help',
];

it.each([
  ['--fires-per-minute', '--firesPerMinute'],
  ['--triggersPerMinute', '--firesPerMinute'],
  ['--invocationsPerMinut', '--invocationsPerMinute'],
  ['--maxMemory', '--maxActionMemory'],
  ['--memory', '--maxActionMemory'],
  ['--dataDir', '--data-dir'],
  ['--DATA_DIR', '--data-dir'],
  ['--directory', undefined],
  ['--', undefined],
  ['', undefined],
])('for %s, %s was meant', (typed, meant) => {
  expect(suggest(typed, flags)).toBe(meant);
});
