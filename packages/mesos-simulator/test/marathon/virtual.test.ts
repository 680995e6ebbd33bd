import { describe, expect, it } from 'vitest';

import { VirtualMarathon } from './virtual-marathon.ts';

const web = { id: '/web', cmd: 'exec server', instances: 3 };

function ids(tasks: readonly { readonly id: string }[]): string[] {
  return tasks.map(({ id }) => id).toSorted();
}

describe('Marathon in virtual time', () => {
  it('runs as many tasks as an app asks for, as a framework of the master', () => {
    const marathon = new VirtualMarathon();
    marathon.ask('POST', '/v2/apps', web);
    expect(marathon.settles('/web', 3)).toBe(true);
    const framework = marathon.cluster.snapshot()?.frameworks[0];
    expect(framework?.info.name).toBe('marathon');
    expect(framework?.roles).toEqual(['*']);
    expect(framework?.tasks.map(({ id }) => id).toSorted()).toEqual(ids(marathon.tasks('/web')));
    expect(new Set(marathon.tasks('/web').map(({ host }) => host)).size).toBe(3);
  });

  it('replaces tasks that fail, later each time', () => {
    const marathon = new VirtualMarathon();
    const labels = { 'simulator.run-ms': '1000', 'simulator.exit-code': '1' };
    const slow = { backoffSeconds: 10, backoffFactor: 2, maxLaunchDelaySeconds: 30 };
    marathon.ask('POST', '/v2/apps', { ...web, instances: 1, labels, ...slow });
    const launches: number[] = [];
    const seen = new Set<string>();
    marathon.cluster.runUntil(() => {
      for (const { id } of marathon.tasks('/web')) {
        if (seen.has(id)) continue;
        seen.add(id);
        launches.push(marathon.cluster.nowMs);
      }
      return launches.length === 6;
    }, 300_000);
    const gaps = launches.slice(1).map((atMs, index) => atMs - (launches[index] ?? 0));
    // Each task lives for about a second, and an offer may take another one to come.
    const delays = [10, 20, 30, 30, 30];
    expect(gaps.map((gap, index) => gap >= (delays[index] ?? 0) * 1000 + 1000)).toEqual(
      delays.map(() => true),
    );
    expect(gaps.map((gap, index) => gap <= (delays[index] ?? 0) * 1000 + 4000)).toEqual(
      delays.map(() => true),
    );
    expect(marathon.app('/web')['lastTaskFailure']).toMatchObject({ state: 'TASK_FAILED', appId: '/web' });
  });

  it('goes up to twice the instances and back in a rolling restart, and never below what is healthy', () => {
    const marathon = new VirtualMarathon();
    marathon.ask('POST', '/v2/apps', web);
    marathon.settles('/web', 3);
    const before = ids(marathon.tasks('/web'));
    expect(marathon.ask('POST', '/v2/apps/web/restart').status).toBe(200);
    let [most, least] = [0, Infinity];
    const isDone = marathon.cluster.runUntil(() => {
      const { tasks, tasksRunning } = marathon.app('/web');
      most = Math.max(most, tasks.length);
      least = Math.min(least, tasksRunning);
      return marathon.deployments().length === 0;
    }, 60_000);
    expect({ isDone, most, least }).toEqual({ isDone: true, most: 6, least: 3 });
    expect(ids(marathon.tasks('/web')).filter((id) => before.includes(id))).toEqual([]);
    expect(marathon.tasks('/web')).toHaveLength(3);
  });

  it('keeps old tasks until new ones are healthy', () => {
    const marathon = new VirtualMarathon();
    const check = { protocol: 'MESOS_HTTP', delaySeconds: 0, intervalSeconds: 5, gracePeriodSeconds: 600 };
    marathon.ask('POST', '/v2/apps', { ...web, healthChecks: [check] });
    marathon.settles('/web', 3);
    const before = ids(marathon.tasks('/web'));
    const labels = { 'simulator.unhealthy-from': '1' };
    marathon.ask('PATCH', '/v2/apps/web', { labels });
    marathon.cluster.run(120_000);
    expect(marathon.app('/web')).toMatchObject({ tasksRunning: 6, tasksHealthy: 3 });
    expect(ids(marathon.tasks('/web'))).toEqual(expect.arrayContaining(before));
    const [deployment] = marathon.deployments();
    const back = marathon.ask('DELETE', `/v2/deployments/${deployment?.id}`);
    expect(back.status).toBe(200);
    expect(marathon.settles('/web', 3)).toBe(true);
    expect(marathon.app('/web')['labels']).toEqual({});
  });

  it('kills all before it starts new ones where nothing has to stay up', () => {
    const marathon = new VirtualMarathon();
    const upgradeStrategy = { minimumHealthCapacity: 0, maximumOverCapacity: 0 };
    marathon.ask('POST', '/v2/apps', { ...web, instances: 2, upgradeStrategy });
    marathon.settles('/web', 2);
    const before = new Set(ids(marathon.tasks('/web')));
    marathon.ask('POST', '/v2/apps/web/restart');
    let most = 0;
    marathon.cluster.runUntil(() => {
      most = Math.max(most, marathon.tasks('/web').length);
      return marathon.deployments().length === 0;
    }, 60_000);
    expect(most).toBe(2);
    expect(marathon.tasks('/web').filter(({ id }) => before.has(id))).toEqual([]);
  });

  it('kills and replaces what its own health checks find unhealthy, after the grace period', async () => {
    const marathon = new VirtualMarathon();
    const sick = new Set<string>();
    marathon.probe = ({ taskId }) => ({ statusCode: sick.has(taskId) ? 500 : 200 });
    const timing = { gracePeriodSeconds: 30, intervalSeconds: 10, maxConsecutiveFailures: 3 };
    marathon.ask('POST', '/v2/apps', { ...web, healthChecks: [{ protocol: 'HTTP', ...timing }] });
    await marathon.cluster.advance(30_000);
    expect(marathon.app('/web').tasksHealthy).toBe(3);
    const [first] = marathon.tasks('/web');
    sick.add(first?.id ?? '');
    await marathon.cluster.advance(20_000);
    expect(marathon.app('/web')).toMatchObject({ tasksHealthy: 2, tasksUnhealthy: 1 });
    expect(marathon.tasks('/web').find(({ id }) => id === first?.id)?.healthCheckResults).toMatchObject([
      { alive: false, lastFailureCause: 'HTTP status 500' },
    ]);
    await marathon.cluster.advance(60_000);
    expect(marathon.app('/web')).toMatchObject({ tasksHealthy: 3, tasksUnhealthy: 0 });
    expect(ids(marathon.tasks('/web'))).not.toContain(first?.id);
  });

  it('scales up and down without touching other tasks, the youngest going first', () => {
    const marathon = new VirtualMarathon();
    marathon.ask('POST', '/v2/apps', web);
    marathon.settles('/web', 3);
    const before = ids(marathon.tasks('/web'));
    marathon.ask('PUT', '/v2/apps/web', { instances: 5 });
    expect(marathon.settles('/web', 5)).toBe(true);
    expect(ids(marathon.tasks('/web'))).toEqual(expect.arrayContaining(before));
    marathon.ask('PUT', '/v2/apps/web', { instances: 3 });
    expect(marathon.settles('/web', 3)).toBe(true);
    expect(ids(marathon.tasks('/web'))).toEqual(before);
    const { versionInfo } = marathon.app('/web');
    expect(versionInfo.lastScalingAt > versionInfo.lastConfigChangeAt).toBe(true);
  });

  it('refuses a change while a deployment is under way, unless it is forced', () => {
    const marathon = new VirtualMarathon();
    marathon.ask('POST', '/v2/apps', { ...web, cpus: 100 });
    marathon.cluster.run(10_000);
    const locked = marathon.ask('PUT', '/v2/apps/web', { cpus: 0.1 });
    expect(locked.status).toBe(409);
    expect(locked.body).toMatchObject({
      message: expect.stringContaining('App is locked by one or more deployments.'),
      deployments: [{ id: expect.any(String) }],
    });
    expect(marathon.ask('PUT', '/v2/apps/web?force=true', { cpus: 0.1 }).status).toBe(200);
    expect(marathon.settles('/web', 3)).toBe(true);
  });

  it('puts one task on a host, and only on hosts that are like it, when constraints say so', () => {
    const rack = (value: string) => ({
      attributes: [{ name: 'rack', type: 'TEXT' as const, text: { value } }],
    });
    const marathon = new VirtualMarathon({ agents: [rack('a1'), rack('b1'), rack('a2')] });
    const constraints = [
      ['hostname', 'UNIQUE'],
      ['rack', 'LIKE', 'a.*'],
    ];
    marathon.ask('POST', '/v2/apps', { ...web, constraints });
    marathon.cluster.run(60_000);
    const hosts = marathon.tasks('/web').map(({ host }) => host);
    expect(hosts.toSorted()).toEqual(['10.1.0.1', '10.1.0.3']);
  });

  it('takes the very ports that are required, and gives them to the next one when they are free', () => {
    const marathon = new VirtualMarathon({ agents: 1 });
    const ports = { portDefinitions: [{ port: 31_200, name: 'api' }, { port: 0 }], requirePorts: true };
    marathon.ask('POST', '/v2/apps', { ...web, ...ports, instances: 1 });
    marathon.settles('/web', 1);
    const [task] = marathon.tasks('/web');
    expect(task?.ports[0]).toBe(31_200);
    expect(task?.ports).toHaveLength(2);
    marathon.ask('DELETE', `/v2/apps/web/tasks/${task?.id}`);
    marathon.cluster.run(10_000);
    const [next] = marathon.tasks('/web');
    expect(next?.ports[0]).toBe(31_200);
    expect(next?.id).not.toBe(task?.id);
  });

  it('comes back to its tasks when the master was killed', () => {
    const marathon = new VirtualMarathon();
    marathon.ask('POST', '/v2/apps', web);
    marathon.settles('/web', 3);
    const before = ids(marathon.tasks('/web'));
    marathon.cluster.killMaster(1);
    marathon.cluster.run(5000);
    marathon.cluster.startMaster(1);
    marathon.cluster.run(30_000);
    expect(ids(marathon.tasks('/web'))).toEqual(before);
    expect(marathon.ask('PUT', '/v2/apps/web', { instances: 4 }).status).toBe(200);
    expect(marathon.settles('/web', 4)).toBe(true);
    expect(marathon.cluster.snapshot()?.frameworks).toHaveLength(1);
  });

  it('replaces the tasks of an agent that is unreachable, unless the app would rather wait', () => {
    const marathon = new VirtualMarathon();
    const unique = { constraints: [['hostname', 'UNIQUE']], instances: 2 };
    marathon.ask('POST', '/v2/apps', { ...web, ...unique });
    marathon.ask('POST', '/v2/apps', { ...web, ...unique, id: '/waits', unreachableStrategy: 'disabled' });
    marathon.settles('/waits', 2);
    const lost = marathon
      .tasks('/web')
      .find(({ host }) => marathon.tasks('/waits').some((one) => one.host === host));
    const number = Number(lost?.host.split('.').at(-1));
    marathon.cluster.partitionAgent(number);
    marathon.cluster.run(120_000);
    expect(marathon.tasks('/web').map(({ state }) => state)).toEqual(['TASK_RUNNING', 'TASK_RUNNING']);
    expect(marathon.tasks('/web').map(({ host }) => host)).not.toContain(lost?.host);
    expect(
      marathon
        .tasks('/waits')
        .map(({ state }) => state)
        .toSorted(),
    ).toEqual(['TASK_RUNNING', 'TASK_UNREACHABLE']);
    marathon.cluster.healAgent(number);
    marathon.cluster.run(60_000);
    expect(marathon.tasks('/waits').map(({ state }) => state)).toEqual(['TASK_RUNNING', 'TASK_RUNNING']);
    const alive = marathon.cluster.containers(number);
    expect(alive).toHaveLength(
      [...marathon.tasks('/web'), ...marathon.tasks('/waits')].filter(({ host }) => host === lost?.host)
        .length,
    );
  });

  it('launches again what was lost on the way to the master', () => {
    const marathon = new VirtualMarathon();
    marathon.cluster.addFault({ on: 'calls', type: 'ACCEPT', fault: { kind: 'swallow' }, times: 1 });
    marathon.ask('POST', '/v2/apps', { ...web, instances: 1 });
    marathon.cluster.run(60_000);
    expect(marathon.app('/web').tasksStaged).toBe(1);
    expect(marathon.settles('/web', 1, 600_000)).toBe(true);
  });

  it('removes an app with its tasks', () => {
    const marathon = new VirtualMarathon();
    marathon.ask('POST', '/v2/apps', web);
    marathon.settles('/web', 3);
    expect(marathon.ask('DELETE', '/v2/apps/web').status).toBe(200);
    expect(marathon.ask('GET', '/v2/apps/web').status).toBe(404);
    marathon.cluster.run(10_000);
    expect(marathon.deployments()).toEqual([]);
    expect(marathon.ask('GET', '/v2/tasks').body).toEqual({ tasks: [] });
    expect(marathon.ask('POST', '/v2/apps', web).status).toBe(201);
  });
});
