import type { SimulatorOptions } from '@vibrissa/mesos-simulator';
import { afterEach, describe, expect, test } from 'vitest';

import type { Container } from '../../src/containers/container.ts';
import type { MesosContainerFactory } from '../../src/containers/mesos/mesos-container-factory.ts';
import { aSpec, init, openCluster, post, type Cluster } from './mesos-fixture.ts';

let cluster: Cluster;
let factory: MesosContainerFactory;

async function open(options: SimulatorOptions = {}): Promise<void> {
  cluster = await openCluster({ simulator: { agents: 2, ...options } });
  factory = await cluster.openFactory();
}

afterEach(async () => {
  await factory.close();
  await cluster.close();
});

const waiting = 'function main() { return new Promise(() => {}) }';

/** The agents' number by the container that runs there. */
function agentOf(id: string): number {
  const record = factory.connection.scheduler.tasks().find((task) => task.id === id);
  const agentId = record?.placement?.agentId;
  const found = cluster.simulator.control.status().agents.find((agent) => agent.agentId === agentId);
  if (!found) throw new Error('It is nowhere');
  return found.number;
}

describe('a container dies', () => {
  test('with its agent, whether idle or busy, and another one runs elsewhere', async () => {
    await open();
    // On two agents: at least one of them has two.
    const all = await Promise.all([1, 2, 3].map(() => factory.create(aSpec())));
    const [idle, busy] = [1, 2]
      .map((number) => all.filter(({ id }) => agentOf(id) === number))
      .find(({ length }) => length > 1) as [Container, Container];
    await init(busy, waiting);
    const run = post(busy, '/run', {}).catch(() => 'lost');
    const number = agentOf(idle.id);
    cluster.simulator.control.leaveAgent(number);
    const exits = await Promise.all([idle.died, busy.died]);
    for (const exit of exits)
      expect(exit).toMatchObject({ outOfMemory: false, lost: expect.stringMatching(/agent/) as string });
    expect(await run).toBe('lost');
    const next = await factory.create(aSpec());
    expect(agentOf(next.id)).not.toBe(number);
  });

  test('for us, when nobody can reach its agent; it is killed when the agent is back', async () => {
    // Nobody waits long for an agent here; one that restarts needs its time.
    await open({ agentPingTimeoutMs: 300, maxAgentPingTimeouts: 2 });
    const container = await factory.create(aSpec());
    const number = agentOf(container.id);
    cluster.simulator.control.partitionAgent(number);
    const { lost } = await container.died;
    expect(lost).toMatch(/can't be reached/);
    cluster.simulator.control.healAgent(number);
    await expect
      .poll(() => factory.connection.scheduler.tasks().filter(({ id }) => id === container.id))
      .toEqual([]);
    await expect.poll(() => post(container, '/run', {}).catch(() => 'gone')).toBe('gone');
  });

  test('when an operator kills its task, and that is no fault of its code', async () => {
    await open();
    const container = await factory.create(aSpec());
    const { scheduler } = factory.connection;
    await scheduler.call({ type: 'KILL', kill: { task_id: { value: container.id } } });
    expect((await container.died).lost).toMatch(/killed, not by this platform/);
  });

  test('when its agent is drained', async () => {
    await open();
    const container = await factory.create(aSpec());
    await cluster.simulator.control.drainAgent(agentOf(container.id));
    expect((await container.died).lost).toMatch(/drained/);
  });

  test('out of memory, as far as its exit status tells', async () => {
    await open();
    const container = await factory.create(aSpec());
    await init(container, 'function main() { process.kill(process.pid, "SIGKILL") }');
    await post(container, '/run', {}).catch(() => undefined);
    expect(await container.died).toEqual({ outOfMemory: true, exitCode: 137 });
  });

  test('not, when the master is restarted, nor when the agent process is', async () => {
    await open();
    const container = await factory.create(aSpec());
    await init(container, 'function main() { return { alive: true } }');
    await cluster.simulator.control.restartMaster(1);
    expect((await post(container, '/run', {})).body).toBe('{"alive":true}');
    await cluster.simulator.control.restartAgent(agentOf(container.id));
    expect((await post(container, '/run', {})).body).toBe('{"alive":true}');
    const next = await factory.create(aSpec());
    expect((await post(next, '/status', {})).body).toBe('{"initialised":false,"running":0}');
    await container.destroy();
    expect(await container.died).toEqual({ outOfMemory: false });
  });
});
