import { afterEach, describe, expect, it } from 'vitest';
import { MesosSimulator, type GivenFaultRule, type SimulatorOptions } from '@vibrissa/mesos-simulator';
import { eventually, FrameworkClient, send, sendJson } from './framework-client.ts';

let simulator: MesosSimulator;
let frameworks: FrameworkClient[] = [];

async function open(options: SimulatorOptions = {}): Promise<MesosSimulator> {
  simulator = await MesosSimulator.open({ agents: 1, allocationIntervalMs: 50, ...options });
  return simulator;
}

async function subscribe(
  options: Parameters<typeof FrameworkClient.subscribe>[1] = {},
): Promise<FrameworkClient> {
  const framework = await FrameworkClient.subscribe(simulator.url, options);
  frameworks.push(framework);
  return framework;
}

afterEach(async () => {
  for (const framework of frameworks) framework.close();
  frameworks = [];
  await simulator.stop();
});

async function post(path: string, value: unknown = {}) {
  const answer = await sendJson(`${simulator.url}/simulator${path}`, value);
  return { status: answer.status, body: JSON.parse(answer.text) as Record<string, unknown> };
}

describe('an agent', () => {
  it('that is killed takes its offers along at once, and its tasks go on (O20, O38)', async () => {
    await open({ agents: 2 });
    const framework = await subscribe();
    const offer = await framework.launch({ id: 'long', command: { value: 'exec sleep 1000' } });
    const { agents } = simulator;
    const number = agents.find(({ agentId }) => agentId === offer.agent_id.value)?.number ?? 0;
    const pid = (await framework.state('long', 'TASK_RUNNING')).container_status?.executor_pid ?? 0;
    await framework.offer(offer.agent_id.value);
    await simulator.control.killAgent(number);
    await framework.event('RESCIND');
    expect(process.kill(pid, 0)).toBe(true);
    await simulator.control.advanceClock(90_000);
    const unreachable = await framework.state('long', 'TASK_UNREACHABLE');
    expect([unreachable.source, unreachable.reason, unreachable.uuid]).toEqual([
      'SOURCE_MASTER',
      'REASON_AGENT_REMOVED',
      undefined,
    ]);
    const before = framework.events.length;
    await simulator.control.startAgent(number);
    await simulator.control.advanceClock(10_000);
    const back = await eventually(() =>
      framework.events
        .slice(before)
        .flatMap((event) => (event.type === 'UPDATE' ? [event.update.status] : []))
        .find(({ state }) => state === 'TASK_RUNNING'),
    );
    expect(back.reason).toBe('REASON_AGENT_REREGISTERED');
    expect(simulator.agents[number - 1]?.agentId).toBe(offer.agent_id.value);
  });

  it('that is killed takes tasks of frameworks that do not checkpoint along (O39)', async () => {
    await open();
    const framework = await subscribe({ checkpoint: false });
    await framework.launch({ id: 'short', command: { value: 'exec sleep 1000' } });
    const pid = (await framework.state('short', 'TASK_RUNNING')).container_status?.executor_pid ?? 0;
    await simulator.control.killAgent(1);
    const lost = await framework.state('short', 'TASK_LOST');
    expect(lost.reason).toBe('REASON_AGENT_DISCONNECTED');
    await eventually(() => {
      try {
        process.kill(pid, 0);
        return false;
      } catch {
        return true;
      }
    });
  });

  it('that leaves on SIGUSR1 comes back with its id and without its tasks (O41)', async () => {
    await open();
    const framework = await subscribe();
    const offer = await framework.launch({ id: 'gone', command: { value: 'exec sleep 1000' } });
    await framework.state('gone', 'TASK_RUNNING');
    simulator.control.leaveAgent(1);
    const lost = await framework.state('gone', 'TASK_LOST');
    expect(lost.message).toMatch(/unregistered/);
    await expect.poll(() => simulator.agents[0]?.running).toBe(false);
    await simulator.control.startAgent(1);
    await simulator.control.advanceClock(5000);
    const next = await framework.offer();
    expect(next.agent_id).toEqual(offer.agent_id);
  });

  it('that is cut off is taken for dead, and heals', async () => {
    await open();
    const framework = await subscribe();
    await framework.launch({ id: 'cut', command: { value: 'exec sleep 1000' } });
    await framework.state('cut', 'TASK_RUNNING');
    simulator.control.partitionAgent(1);
    await simulator.control.advanceClock(95_000);
    await framework.state('cut', 'TASK_UNREACHABLE');
    simulator.control.healAgent(1);
    await simulator.control.advanceClock(5000);
    await expect.poll(() => framework.statuses('cut').at(-1)?.state).toBe('TASK_RUNNING');
  });

  it('is drained, deactivated, put under maintenance or marked as gone by the endpoint, too (O41, O42)', async () => {
    await open();
    const framework = await subscribe();
    await framework.launch({ id: 'drained', command: { value: 'exec sleep 1000' } });
    await framework.state('drained', 'TASK_RUNNING');
    expect((await post('/agents/1/maintenance', { startInMs: 1000, durationMs: 1000 })).status).toBe(200);
    const inverse = await framework.event('INVERSE_OFFERS');
    expect(inverse.inverse_offers.inverse_offers[0]?.unavailability.duration).toEqual({ nanoseconds: 1e9 });
    expect((await send(`${simulator.url}/simulator/maintenance`, { method: 'DELETE' })).status).toBe(200);
    expect((await post('/agents/1/drain', { maxGraceMs: 1000 })).status).toBe(200);
    const killed = await framework.state('drained', 'TASK_KILLED');
    expect(killed.reason).toBe('REASON_AGENT_DRAINING');
    expect((await post('/agents/1/reactivate')).body).toMatchObject({ done: true });
    expect((await post('/agents/1/gone')).body).toMatchObject({ done: true });
    await expect.poll(() => simulator.agents[0]?.running).toBe(false);
  });
});

describe('a fault', () => {
  it('swallows an ACCEPT: 202, and nothing happens', async () => {
    await open();
    const framework = await subscribe();
    expect((await post('/faults', { on: 'calls', type: 'ACCEPT', fault: 'swallow', times: 1 })).body).toEqual(
      { done: true, id: 1 },
    );
    const offer = await framework.offer();
    const answer = await framework.accept(offer, []);
    expect(answer.status).toBe(202);
    await framework.call({ type: 'RECONCILE', reconcile: { tasks: [{ task_id: { value: 'never' } }] } });
    const state = JSON.parse((await send(`${simulator.url}/state`)).text) as {
      frameworks: { offers: unknown[] }[];
    };
    expect(state.frameworks[0]?.offers).toHaveLength(1);
    expect(simulator.control.status().faults).toMatchObject([{ id: 1, struck: 1 }]);
  });

  it('refuses a call by a status, once', async () => {
    await open();
    const framework = await subscribe();
    simulator.control.addFault({
      on: 'calls',
      type: 'REVIVE',
      fault: { kind: 'refuse', status: 403, text: 'Framework is not subscribed' },
      times: 1,
    });
    const answers = [await framework.call({ type: 'REVIVE' }), await framework.call({ type: 'REVIVE' })];
    expect(answers.map(({ status, text }) => [status, text])).toEqual([
      [403, 'Framework is not subscribed'],
      [202, ''],
    ]);
  });

  it('breaks a call’s connection before it is heard, or after', async () => {
    await open();
    const framework = await subscribe();
    simulator.control.addFault({ on: 'calls', type: 'TEARDOWN', fault: { kind: 'drop' }, times: 1 });
    await expect(framework.call({ type: 'TEARDOWN' })).rejects.toThrow('socket hang up');
    expect(framework.ended).toBeUndefined();
    simulator.control.addFault({ on: 'calls', type: 'TEARDOWN', fault: { kind: 'lose-answer' }, times: 1 });
    await expect(framework.call({ type: 'TEARDOWN' })).rejects.toThrow('socket hang up');
    await expect.poll(() => framework.ended).toBe('complete');
  });

  it('delays, doubles and swaps calls', async () => {
    await open();
    const framework = await subscribe();
    const order: string[] = [];
    const note = (name: string, call: Promise<{ status: number }>) =>
      call.then(({ status }) => order.push(`${name} ${status}`));
    simulator.control.addFault({ on: 'calls', type: 'SUPPRESS', fault: { kind: 'reorder' }, times: 1 });
    const held = note('suppress', framework.call({ type: 'SUPPRESS' }));
    // Calls on two connections are heard in any order.
    await eventually(() => simulator.control.status().faults.at(-1)?.struck === 1);
    const other = await sendJson(
      `${simulator.url}/api/v1/scheduler`,
      { type: 'REVIVE', framework_id: { value: framework.frameworkId } },
      { 'Mesos-Stream-Id': framework.streamId },
    );
    await held;
    expect([other.status, order]).toEqual([202, ['suppress 202']]);
    simulator.control.addFault({ on: 'calls', type: 'RECONCILE', fault: { kind: 'duplicate' }, times: 1 });
    await framework.call({ type: 'RECONCILE', reconcile: { tasks: [{ task_id: { value: 'x' } }] } });
    await eventually(() => framework.statuses('x').length === 2);
    simulator.control.addFault({
      on: 'calls',
      type: 'KILL',
      fault: { kind: 'delay', delayMs: 60_000 },
      times: 1,
    });
    const delayed = note('kill', framework.call({ type: 'KILL', kill: { task_id: { value: 'y' } } }));
    await eventually(() => simulator.control.status().faults.at(-1)?.struck === 1);
    expect(framework.statuses('y')).toEqual([]);
    await simulator.control.advanceClock(60_000);
    await delayed;
    await eventually(() => framework.statuses('y').length === 1);
  });

  it('puts garbage into a stream, or cuts it in the middle of a record', async () => {
    await open();
    const framework = await subscribe();
    const bytes = () => Buffer.concat(framework.bytes).toString();
    simulator.control.addFault({
      on: 'events',
      type: 'UPDATE',
      fault: { kind: 'garbage', data: 'rubbish' },
      times: 1,
    });
    simulator.control.addFault({ on: 'events', type: 'UPDATE', fault: { kind: 'cut' }, times: 1 });
    const reconcile = () =>
      framework.call({ type: 'RECONCILE', reconcile: { tasks: [{ task_id: { value: 'x' } }] } });
    await reconcile();
    await eventually(() => /rubbish\d+\n\{"type":"UPDATE"/.test(bytes()));
    await reconcile();
    await expect.poll(() => framework.ended).toBe('broken');
    const [, length, half = ''] = /(\d+)\n(\{"type":"UPDATE"(?:(?!UPDATE)[^])*)$/.exec(bytes()) ?? [];
    expect(half.length).toBe(Math.floor(Number(length) / 2));
  });

  it('has garbage of its own, and refuses in code what could never strike', async () => {
    await open();
    const framework = await subscribe();
    simulator.control.addFault({ on: 'events', type: 'UPDATE', fault: { kind: 'garbage' }, times: 1 });
    await framework.call({ type: 'RECONCILE', reconcile: { tasks: [{ task_id: { value: 'x' } }] } });
    await eventually(() => Buffer.concat(framework.bytes).toString().includes('this is no record\n'));
    const typo = { on: 'calls', typ: 'ACCEPT', fault: { kind: 'drop' } } as unknown as GivenFaultRule;
    expect(() => simulator.control.addFault(typo)).toThrow('did you mean type?');
    expect(() => simulator.control.addFault({ on: 'to-agent', agent: 2, fault: { kind: 'drop' } })).toThrow(
      'There is no agent 2',
    );
  });

  it('ends a stream in good order', async () => {
    await open();
    const framework = await subscribe();
    simulator.control.addFault({ on: 'events', type: 'UPDATE', fault: { kind: 'end' }, times: 1 });
    await framework.call({ type: 'RECONCILE', reconcile: { tasks: [{ task_id: { value: 'x' } }] } });
    await expect.poll(() => framework.ended).toBe('complete');
    expect((await framework.call({ type: 'REVIVE' })).status).toBe(403);
  });

  it('leaves a stream half-open: nothing comes any more, and neither side is told', async () => {
    await open();
    const framework = await subscribe();
    // All that comes without being asked for.
    await framework.event('HEARTBEAT');
    await framework.event('OFFERS');
    simulator.control.addFault({ on: 'events', fault: { kind: 'half-open' }, times: 1 });
    const before = framework.events.length;
    await framework.call({ type: 'RECONCILE', reconcile: { tasks: [{ task_id: { value: 'x' } }] } });
    await simulator.control.advanceClock(60_000);
    expect((await framework.call({ type: 'REVIVE' })).status).toBe(202);
    expect([framework.events.length, framework.ended]).toEqual([before, undefined]);
    framework.response.destroy();
    const again = await subscribe({ id: framework.frameworkId });
    expect(again.frameworkId).toBe(framework.frameworkId);
  });

  it('loses an agent’s messages, of which the updates come again (O23)', async () => {
    await open();
    const framework = await subscribe();
    simulator.control.addFault({
      on: 'from-agent',
      type: 'status-update',
      agent: 1,
      fault: { kind: 'drop' },
      times: 1,
    });
    await framework.launch({ id: 'again', command: { value: 'true' } });
    await eventually(() => simulator.control.status().faults[0]?.struck === 1);
    expect(framework.statuses('again')).toEqual([]);
    await simulator.control.advanceClock(10_000);
    await framework.state('again', 'TASK_FINISHED');
  });
});

describe('the control endpoint', () => {
  it('tells what there is, on masters, agents and a port of its own', async () => {
    await open({ agents: 2, controlPort: 0 });
    for (const url of [simulator.url, simulator.agents[1]?.url, simulator.controlUrl]) {
      const status = JSON.parse((await send(`${url}/simulator`)).text) as Record<string, unknown>;
      expect(status).toMatchObject({
        leader: 1,
        masters: [{ number: 1, running: true, leading: true }],
        agents: [
          { number: 1, running: true },
          { number: 2, running: true },
        ],
        faults: [],
      });
    }
    await simulator.control.killMaster(1);
    expect((await sendJson(`${simulator.controlUrl}/simulator/masters/1/start`, {})).status).toBe(200);
    expect((await send(`${simulator.url}/health`)).status).toBe(200);
  });

  it.each([
    ['/nonsense', {}, 404],
    ['/agents/9/kill', {}, 409],
    ['/masters/2/kill', {}, 409],
    ['/faults', { on: 'nowhere' }, 400],
    ['/faults', { on: 'calls', typ: 'ACCEPT', fault: 'drop' }, 400],
    ['/faults', { on: 'calls', type: 'NOPE', fault: 'drop' }, 400],
    ['/faults', { on: 'to-agent', agent: 2, fault: 'drop' }, 409],
    ['/faults', [], 400],
    ['/clock', {}, 400],
    ['/clock', { advanceMs: -1 }, 400],
    ['/clock', { advanceMs: '60000' }, 400],
    ['/agents/1/kill', { maxGraceMs: 1000 }, 400],
    ['/agents/1/drain', { maxGrace: 1000 }, 400],
    ['/agents/1/drain', { markGone: 'yes' }, 400],
    ['/offers/rescind', { frameworkId: 5 }, 400],
  ])('answers %s with %j by %i and a sentence', async (path, body, status) => {
    await open();
    const answer = await post(path, body);
    expect([answer.status, typeof answer.body['error']]).toEqual([status, 'string']);
    expect(simulator.control.status()).toMatchObject({ faults: [], agents: [{ running: true }] });
  });

  it('answers by objects, each on a line of its own', async () => {
    await open();
    await eventually(() => simulator.agents[0]?.agentId !== '');
    const answers: unknown[] = [];
    for (const [method, path, body] of [
      ['POST', '/faults', '{"on": "calls", "fault": "drop"}'],
      ['GET', '/faults', ''],
      ['DELETE', '/faults/1', ''],
      ['POST', '/agents/1/deactivate', ''],
      ['POST', '/agents/1/partition', '{}'],
      ['POST', '/clock', '{"advanceMs": 1}'],
      ['POST', '/leader/kill', ''],
    ] as const) {
      const answer = await send(`${simulator.agents[0]?.url}/simulator${path}`, { method, body });
      expect(answer.text).toMatch(/^\{.*\}\n$/);
      answers.push(JSON.parse(answer.text));
    }
    expect(answers).toEqual([
      { done: true, id: 1 },
      { faults: [{ id: 1, struck: 0, rule: { on: 'calls', fault: { kind: 'drop' } } }] },
      { done: true },
      { done: true },
      { done: true },
      { done: true, now: expect.any(Number) as number },
      { done: true, killed: 1 },
    ]);
  });

  it('is not for web pages', async () => {
    await open();
    const answer = await sendJson(`${simulator.url}/simulator/agents/1/kill`, {}, { Origin: 'http://evil' });
    expect(answer.status).toBe(403);
    expect(simulator.agents[0]?.running).toBe(true);
  });

  it('moves the clock, and takes offers back', async () => {
    await open({ offerTimeoutMs: 60_000 });
    const framework = await subscribe();
    const offer = await framework.offer();
    await post('/clock', { advanceMs: 60_000 });
    const rescind = await framework.event('RESCIND');
    expect(rescind.rescind.offer_id).toEqual(offer.id);
    const next = await framework.offer();
    await post('/offers/rescind', { frameworkId: framework.frameworkId });
    await eventually(() =>
      framework.events.some(
        (event) => event.type === 'RESCIND' && event.rescind.offer_id.value === next.id.value,
      ),
    );
    const before = simulator.control.status().now;
    await post('/clock', { jumpMs: -3_600_000 });
    expect(simulator.control.status().now).toBeLessThan(before - 3_500_000);
  });
});
