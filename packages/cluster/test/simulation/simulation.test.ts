import { expect, test } from 'vitest';

import { World } from './world.ts';

const given = process.env['SOAK_SEED'];
const seconds = Number(process.env['SOAK_SECONDS'] ?? 30);
const AT_LEAST = 500;

test(
  'whatever fails between the instances of a cluster: never two leases at one moment, and nothing that was acknowledged is lost',
  () => {
    const first = given === undefined ? Math.floor(Math.random() * 1e9) : Number(given);
    const untilMs = performance.now() + seconds * 1000;
    const sum = { worlds: 0, failovers: 0, writes: 0, reads: 0, virtualMs: 0 };
    for (; performance.now() < untilMs || sum.worlds < AT_LEAST; sum.worlds++) {
      const seed = first + sum.worlds;
      const outcome = new World(seed).run();
      sum.failovers += outcome.failovers;
      sum.writes += outcome.writes;
      sum.reads += outcome.reads;
      sum.virtualMs += outcome.virtualMs;
      if (outcome.violations.length === 0) continue;
      const lines: string[] = [];
      new World(seed, (line) => lines.push(line)).run();
      expect.fail(
        `${lines.slice(-400).join('\n')}\n\nSOAK_SEED=${seed} plays it again: ${outcome.violations.join('\n')}`,
      );
    }
    const hours = Math.round(sum.virtualMs / 3_600_000);
    console.log(
      `simulated SOAK_SEED=${first}: ${sum.worlds} clusters, ${sum.failovers} terms of office, ${sum.writes} writes, ${sum.reads} reads, ${hours} hours`,
    );
    expect(sum.failovers).toBeGreaterThan(sum.worlds);
    expect(sum.writes).toBeGreaterThan(sum.worlds * 10);
  },
  seconds * 1000 + 900_000,
);
