import type { CoreEffect } from '@vibrissa/mesos';
import { expect, test } from 'vitest';
import { VirtualCluster } from '../../src/virtual/virtual-cluster.ts';
import { Dice } from './dice.ts';
import { VirtualClient } from './virtual-client.ts';
import { VirtualStore } from './virtual-store.ts';
import { coreOptions } from './world.ts';

const AGENTS = 10_000;
const TASKS = 100_000;

/** A scheduler and a whole cluster, without faults; counts what the scheduler is told. */
class LargeCluster {
  readonly cluster = new VirtualCluster({ random: new Dice(1), agents: AGENTS });
  readonly running = new Set<string>();
  deleted = 0;
  reconciled: Extract<CoreEffect, { type: 'reconciled' }> | undefined;
  readonly client: VirtualClient;
  readonly figures: string[] = [];

  constructor() {
    const { cluster } = this;
    const dice = new Dice(2);
    this.client = new VirtualClient({
      cluster,
      dice,
      store: new VirtualStore(cluster.clock, dice),
      options: coreOptions(dice, 0),
      onTask: (_told, done) => cluster.clock.after(1, done),
      watch: { input: () => undefined, effect: (effect) => this.#told(effect) },
    });
    this.client.start({ tasks: [] });
    cluster.run(1000);
  }

  get framework() {
    return this.cluster.snapshot()?.frameworks[0];
  }

  /** Lets time pass until something is so, and notes how long that took. */
  until(what: string, isSo: () => boolean): void {
    const fromMs = this.cluster.nowMs;
    const began = performance.now();
    // Looking is cheap, but there are millions of events.
    while (!isSo() && this.cluster.nowMs < fromMs + 600_000) this.cluster.run(100);
    const seconds = ((performance.now() - began) / 1000).toFixed(1);
    const virtual = ((this.cluster.nowMs - fromMs) / 1000).toFixed(1);
    const megabytes = Math.round(process.memoryUsage().heapUsed / 1024 / 1024);
    this.figures.push(`${what}: ${seconds} s (${virtual} s of virtual time), heap ${megabytes} MB`);
  }

  #told(effect: CoreEffect): void {
    if (effect.type === 'task-running') this.running.add(effect.record.id);
    else if (effect.type === 'task-ended') this.running.delete(effect.record.id);
    else if (effect.type === 'reconciled') this.reconciled = effect;
    else if (effect.type === 'deleted' && effect.outcome.kind === 'ended') this.deleted += 1;
    // A close settles what runs.
    else if (effect.type === 'launch-failed' && effect.failure.kind !== 'closed')
      throw new Error(`${effect.taskId}: ${effect.failure.kind}`);
  }
}

test('a scheduler runs 100,000 tasks on 10,000 agents, reconciles them all, and deletes a tenth', () => {
  const large = new LargeCluster();
  const { client, cluster } = large;
  for (let n = 0; n < TASKS; n++) {
    client.input({ type: 'submit', task: { id: `task-${n}`, command: 'run', cpus: 0.1, memoryMb: 32 } });
  }
  large.until('run 100,000 tasks', () => large.running.size === TASKS);
  expect(large.running.size).toBe(TASKS);

  client.input({ type: 'reconcile', request: 1 });
  large.until('reconcile them', () => large.reconciled !== undefined);
  expect(large.reconciled?.outcome).toEqual({ kind: 'reconciled', silent: [] });

  for (let n = 0; n < TASKS; n += 10) client.input({ type: 'delete', request: 2 + n, taskId: `task-${n}` });
  large.until('delete a tenth', () => large.deleted === TASKS / 10);
  cluster.run(60_000);
  expect(large.deleted).toBe(TASKS / 10);
  expect(large.running.size).toBe((TASKS / 10) * 9);

  const ids = new Set(large.framework?.tasks.map(({ id }) => id));
  expect(ids).toEqual(large.running);
  expect(large.framework?.offers).toEqual([]);
  expect(client.close()).toEqual([]);
  console.log(`simulated ${AGENTS} agents: ${large.figures.join('; ')}`);
}, 600_000);
