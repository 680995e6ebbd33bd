import { afterEach, describe, expect, it } from 'vitest';
import { MesosSimulator } from '@vibrissa/mesos-simulator';
import { eventually, FrameworkClient, send, sendJson } from './framework-client.ts';

let simulator: MesosSimulator;
afterEach(() => simulator.stop());

const place = (url: string | undefined) => (url ?? '').replace('http:', '');

describe('several masters', () => {
  it('send to the one that leads, under its own path (O9)', async () => {
    simulator = await MesosSimulator.open({ masters: 3, agents: 1 });
    const [leader, follower] = simulator.urls;
    for (const [path, target] of [
      ['/redirect', ''],
      ['/master/state', '/master/state'],
      ['/state', '/master/state'],
      ['/master/slaves?x=1', '/master/slaves?x=1'],
    ]) {
      const answer = await send(`${follower}${path}`);
      expect([answer.status, answer.headers.location, answer.text]).toEqual([
        307,
        `${place(leader)}${target}`,
        '',
      ]);
    }
    for (const path of ['/api/v1/scheduler', '/api/v1']) {
      const answer = await sendJson(`${follower}${path}`, { type: 'REVIVE', framework_id: { value: 'x' } });
      expect([answer.status, answer.headers.location]).toEqual([307, `${place(leader)}/master${path}`]);
    }
    for (const path of ['/health', '/version', '/metrics/snapshot', '/flags']) {
      expect((await send(`${follower}${path}`)).status).toBe(200);
    }
  });

  it('go on pointing to a dead leader until its session ends; then the next one takes frameworks and agents over (O9)', async () => {
    simulator = await MesosSimulator.open({
      masters: 3,
      agents: 1,
      registry: 'replicated_log',
      electionMs: 8000,
      allocationIntervalMs: 50,
    });
    const framework = await FrameworkClient.subscribe(simulator.url);
    await framework.launch({ id: 'lasting', command: { value: 'exec sleep 1000' } });
    const { agent_id: agentId } = await framework.state('lasting', 'TASK_RUNNING');
    expect(await simulator.control.killLeader()).toBe(1);
    await expect.poll(() => framework.ended).toBe('broken');
    const [dead, second, third] = simulator.urls;
    expect((await send(`${third}/redirect`)).headers.location).toBe(place(dead));
    await simulator.control.advanceClock(8000);
    expect((await send(`${third}/redirect`)).headers.location).toBe(place(second));
    const again = await FrameworkClient.subscribe(second ?? '', { id: framework.frameworkId });
    expect(again.frameworkId).toBe(framework.frameworkId);
    await simulator.control.advanceClock(5000);
    await eventually(async () => {
      const state = JSON.parse((await send(`${second}/state`)).text) as { activated_slaves: number };
      return state.activated_slaves === 1;
    });
    await again.call({
      type: 'RECONCILE',
      reconcile: { tasks: [{ task_id: { value: 'lasting' }, agent_id: agentId }] },
    });
    await again.state('lasting', 'TASK_RUNNING');
    again.close();
    framework.close();
  });

  it('lose the one that no longer leads: it ends its process', async () => {
    simulator = await MesosSimulator.open({ masters: 2, agents: 1 });
    const framework = await FrameworkClient.subscribe(simulator.url);
    simulator.control.electMaster(2);
    await expect.poll(() => framework.ended).toBe('broken');
    await expect
      .poll(() => simulator.control.status().masters.map(({ running }) => running))
      .toEqual([false, true]);
    expect(simulator.control.status().leader).toBe(2);
    framework.close();
  });
});

describe('a master that starts again', () => {
  it('has forgotten everything with the registry in memory, on the same port, and asks agents (O36)', async () => {
    simulator = await MesosSimulator.open({ agents: 1, allocationIntervalMs: 50 });
    const { url } = simulator;
    const framework = await FrameworkClient.subscribe(url);
    await framework.launch({ id: 'lasting', command: { value: 'exec sleep 1000' } });
    await framework.state('lasting', 'TASK_RUNNING');
    const streamId = framework.streamId;
    await simulator.control.restartMaster(1);
    expect(simulator.url).toBe(url);
    const stale = await sendJson(
      `${url}/api/v1/scheduler`,
      { type: 'REVIVE', framework_id: { value: framework.frameworkId } },
      { 'Mesos-Stream-Id': streamId },
    );
    expect([400, 403]).toContain(stale.status);
    const again = await FrameworkClient.subscribe(url, { id: framework.frameworkId });
    await simulator.control.advanceClock(5000);
    await again.call({ type: 'RECONCILE', reconcile: { tasks: [] } });
    await again.state('lasting', 'TASK_RUNNING');
    again.close();
    framework.close();
  });
});
