import { seededRandom } from '@vibrissa/testkit';
import { expect, onTestFailed, onTestFinished, test } from 'vitest';

import { Client } from './client.ts';
import { Mishaps } from './mishaps.ts';
import { whyNoNamespaces } from './namespace-machines.ts';
import { Stage } from './stage.ts';

const seed = Number(process.env['SOAK_SEED'] ?? Math.floor(Math.random() * 1e9));
const seconds = Number(process.env['SOAK_SECONDS'] ?? 5);

test(
  'whatever dies, stands still or is cut off, what was asked for comes true once each',
  async () => {
    const canCut = whyNoNamespaces() === undefined;
    const stage = await Stage.open({ canCut });
    onTestFinished(() => stage.close());
    onTestFailed(() => {
      stage.tell();
      console.log(`mishap loop: SOAK_SEED=${seed} SOAK_SECONDS=${seconds} plays the same mishaps`);
    });
    const random = seededRandom(seed);
    const mishaps = new Mishaps(stage, { random, canCut });
    const machines = await Promise.all([1, 2, 3].map(() => stage.machines.add()));
    stage.list(machines);
    await Promise.all(machines.map((machine) => mishaps.start(machine)));
    await stage.isWhole();

    const client = new Client(stage, 'task');
    const end = new AbortController();
    const work = client.work(end.signal);
    const untilMs = performance.now() + seconds * 1000;
    while (performance.now() < untilMs) {
      await mishaps.strike();
      // Half of the time the next one waits until this one is overcome.
      if (random() < 0.5) await stage.leader();
      expect(await stage.violations()).toEqual([]);
    }
    await stage.isWhole();
    end.abort();
    await work;
    const { wanted, deleted, again, lies } = client;
    const done = `${wanted.size} tasks, ${deleted.size} deletions, ${again} requests again`;
    console.log(`mishap loop: SOAK_SEED=${seed}: ${JSON.stringify(mishaps.counts)}; ${done}`);
    expect(lies).toEqual([]);
    await stage.runsOnly([...wanted]);
    expect(await stage.violations()).toEqual([]);
    expect(wanted.size).toBeGreaterThan(0);
  },
  seconds * 1000 + 300_000,
);
