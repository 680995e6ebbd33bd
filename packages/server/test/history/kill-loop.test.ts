import { afterAll, describe, expect, it } from 'vitest';

import { cleanUp } from '../platform/platform-process.ts';
import { checkHistory } from './check-history.ts';
import { runKillLoop, type KillLoopOptions } from './kill-loop.ts';

afterAll(cleanUp);

const seed = Number(process.env['SOAK_SEED'] ?? Math.floor(Math.random() * 1e9));
const seconds = Number(process.env['SOAK_SECONDS'] ?? 12);

/** What was told and not kept; says on the way what was tried. */
async function tryToLose(options: KillLoopOptions) {
  const { history, kills, replies, accepted } = await runKillLoop(options);
  const outcomes = `${kills} kills, ${replies} replies, ${accepted} accepted, ${history.starts?.length} starts`;
  console.log(`kill loop with ${options.containers}: SOAK_SEED=${options.seed}: ${outcomes}`);
  return { violations: checkHistory(history), tried: kills > 1 && replies > 0 && accepted > 0 };
}

const nothing = { violations: [], tried: true };

describe('a platform that is killed at random moments', () => {
  it(
    'keeps what it has acknowledged, and starts no code twice',
    async () => {
      expect(await tryToLose({ seed, seconds, containers: 'process' })).toEqual(nothing);
    },
    seconds * 1000 + 120_000,
  );

  it.skipIf(process.getuid?.() !== 0)(
    'with sandboxes, and with its helper killed as well, just the same (needs root, to look into them)',
    async () => {
      expect(await tryToLose({ seed, seconds, containers: 'sandbox' })).toEqual(nothing);
    },
    seconds * 1000 + 120_000,
  );
});
