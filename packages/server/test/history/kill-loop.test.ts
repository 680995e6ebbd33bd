import { afterAll, describe, expect, it } from 'vitest';

import { cleanUp } from '../platform/platform-process.ts';
import { checkHistory } from './check-history.ts';
import { runKillLoop, type KillLoopOptions } from './kill-loop.ts';

afterAll(cleanUp);

const seed = Number(process.env['SOAK_SEED'] ?? Math.floor(Math.random() * 1e9));
const seconds = Number(process.env['SOAK_SECONDS'] ?? 12);

async function tryToLose(options: KillLoopOptions): Promise<void> {
  const { history, kills, replies, accepted } = await runKillLoop(options);
  const outcomes = `${kills} kills, ${replies} replies, ${accepted} accepted, ${history.starts?.length} starts`;
  console.log(`kill loop with ${options.containers}: seed ${options.seed}: ${outcomes}`);
  expect(checkHistory(history), `SOAK_SEED=${options.seed}`).toEqual([]);
  expect(kills).toBeGreaterThan(1);
  expect(replies).toBeGreaterThan(0);
  expect(accepted).toBeGreaterThan(0);
}

describe('a platform that is killed at random moments', () => {
  it(
    'keeps what it has acknowledged, and starts no code twice',
    async () => {
      await tryToLose({ seed, seconds, containers: 'process' });
    },
    seconds * 1000 + 120_000,
  );

  it.skipIf(process.getuid?.() !== 0)(
    'with sandboxes, and with its helper killed as well, just the same (needs root, to look into them)',
    async () => {
      await tryToLose({ seed: seed + 1, seconds, containers: 'sandbox' });
    },
    seconds * 1000 + 120_000,
  );
});
