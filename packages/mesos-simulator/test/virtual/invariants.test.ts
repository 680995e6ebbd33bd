import type { WireResource } from '@vibrissa/mesos/wire';
import { seededRandom } from '@vibrissa/testkit';
import { expect, test } from 'vitest';
import { isTerminal } from '../../src/base/task-states.ts';
import { randomFaults } from '../../src/virtual/random-faults.ts';
import { VirtualCluster } from '../../src/virtual/virtual-cluster.ts';
import { command, TestScheduler } from './test-scheduler.ts';

const agents = 5;

/** Something happens: to a task, an agent, the master or the scheduler. */
function disturb(cluster: VirtualCluster, scheduler: TestScheduler, next: () => number): void {
  const agent = 1 + Math.floor(next() * agents);
  const choice = next();
  const [offer] = scheduler.offers.values();
  if (choice < 0.35 && offer !== undefined) {
    const labelled = next() < 0.5 ? { 'run-ms': Math.floor(next() * 30_000) } : {};
    const taskId = `t${Math.floor(next() * 1e9)}`;
    scheduler.launch(offer, [command(taskId, offer.agent_id.value, { labelled })], next() * 3);
  } else if (choice < 0.5) {
    const running = cluster.snapshot()?.frameworks[0]?.tasks ?? [];
    const task = running[Math.floor(next() * running.length)];
    if (task !== undefined) scheduler.send({ type: 'KILL', kill: { task_id: { value: task.id } } });
  } else if (choice < 0.6) {
    scheduler.decline(scheduler.offers.values(), next() * 4);
  } else if (choice < 0.68) {
    cluster.killAgent(agent);
  } else if (choice < 0.8) {
    cluster.startAgent(agent);
  } else if (choice < 0.84) {
    cluster.partitionAgent(agent);
  } else if (choice < 0.9) {
    cluster.healAgent(agent);
  } else if (choice < 0.92) {
    cluster.killMaster(1);
    cluster.run(next() * 3000);
    cluster.startMaster(1);
    cluster.run(100);
    scheduler.subscribe();
  } else if (choice < 0.95) {
    scheduler.close();
    cluster.run(next() * 3000);
    scheduler.subscribe();
  } else {
    scheduler.send({ type: 'RECONCILE', reconcile: { tasks: [] } });
  }
}

function milli(resources: readonly WireResource[], name: string): number {
  let sum = 0;
  for (const resource of resources) {
    if (resource.name === name && resource.type === 'SCALAR') sum += Math.round(resource.scalar.value * 1000);
  }
  return sum;
}

/** Nothing is in two hands, whatever happens. */
function checkSums(cluster: VirtualCluster): void {
  const snapshot = cluster.snapshot();
  for (const { total, used, offered, tasks } of snapshot?.agents ?? []) {
    for (const name of ['cpus', 'mem']) {
      const ofTasks = tasks
        .filter(({ state }) => !isTerminal(state))
        .reduce((sum, { info }) => sum + milli(info.resources, name), 0);
      expect(milli(used, name)).toBe(ofTasks);
      expect(milli(used, name) + milli(offered, name)).toBeLessThanOrEqual(milli(total, name));
    }
  }
}

test.each(Array.from({ length: 40 }, (_, seed) => seed))(
  'after faults of all kinds master, machines and scheduler agree again (seed %d)',
  (seed) => {
    const next = seededRandom(seed);
    const registry = seed % 2 === 0 ? 'in_memory' : 'replicated_log';
    const cluster = new VirtualCluster({ random: { next }, agents, registry });
    cluster.run(100);
    const scheduler = new TestScheduler(cluster, { failover_timeout: 3600 }).subscribe();
    const rates = { drop: 0.02, duplicate: 0.02, delay: 0.05 };
    cluster.strike = randomFaults({ next }, { 'to-agent': rates, 'from-agent': rates });
    for (let step = 0; step < 120; step++) {
      disturb(cluster, scheduler, next);
      cluster.run(next() * 2000);
      checkSums(cluster);
    }
    cluster.strike = undefined;
    for (let agent = 1; agent <= agents; agent++) {
      // A message that was lost is noticed with the next registration only.
      cluster.healAgent(agent);
      cluster.killAgent(agent);
    }
    cluster.run(1000);
    for (let agent = 1; agent <= agents; agent++) cluster.startAgent(agent);
    cluster.run(200_000);
    checkSums(cluster);
    const snapshot = cluster.snapshot();
    const containers = Array.from({ length: agents }, (_, index) => cluster.containers(index + 1)).flat();
    const known = snapshot?.frameworks.flatMap(({ tasks }) => tasks) ?? [];
    expect(known.map(({ state }) => state)).toEqual(known.map(() => 'TASK_RUNNING'));
    expect(
      known.map(({ statuses }) => statuses[0]?.container_status?.container_id?.value ?? '').toSorted(),
    ).toEqual(containers.toSorted());
    expect([...scheduler.offers.keys()].toSorted()).toEqual(
      (snapshot?.frameworks.flatMap(({ offers }) => offers) ?? []).map(({ id }) => id.value).toSorted(),
    );
    expect(snapshot?.agents.filter(({ connected }) => connected)).toHaveLength(agents);
  },
);
