import { expect, test } from 'vitest';
import { simulate, tell } from './simulate.ts';

const given = process.env['SOAK_SEED'];
const seconds = Number(process.env['SOAK_SECONDS'] ?? 60);
const ATLEAST = 200;

test(
  'whatever fails between a scheduler, its masters and its agents: in the end everybody believes what is so',
  () => {
    const first = given === undefined ? Math.floor(Math.random() * 1e9) : Number(given);
    const untilMs = performance.now() + seconds * 1000;
    let seeds = 0;
    let containers = 0;
    let virtualMs = 0;
    // Not next to each other: the parts of a world take the seeds that follow its own.
    for (; performance.now() < untilMs || seeds < ATLEAST; seeds++) {
      const seed = first + seeds * 1000;
      const outcome = simulate(seed);
      containers += outcome.containers;
      virtualMs += outcome.virtualMs;
      if (outcome.violations.length === 0) continue;
      expect.fail(`${tell(seed)}\n\nSOAK_SEED=${seed} plays it again: ${outcome.violations.join('\n')}`);
    }
    const hours = Math.round(virtualMs / 3_600_000);
    console.log(`simulated SOAK_SEED=${first}: ${seeds} worlds, ${containers} containers, ${hours} hours`);
    expect(containers).toBeGreaterThan(seeds);
  },
  seconds * 1000 + 300_000,
);
