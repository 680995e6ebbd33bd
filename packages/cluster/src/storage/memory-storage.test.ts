import { describe, expect, test } from 'vitest';

import { systemRandom } from '../base/random.ts';
import { consensusStorageContract } from './consensus-storage.contract.ts';
import { MemoryStorage } from './memory-storage.ts';

describe('a storage in memory', () => {
  consensusStorageContract(() => Promise.resolve({ storage: new MemoryStorage({ random: systemRandom }) }));
});

test('each one is a new member', async () => {
  const ids = await Promise.all(
    [1, 2].map(async () => (await new MemoryStorage({ random: systemRandom }).load()).identity.id),
  );
  expect(new Set(ids).size).toBe(2);
});
