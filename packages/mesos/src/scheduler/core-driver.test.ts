import { ManualClock, settle } from '@vibrissa/testkit';
import { describe, expect, test } from 'vitest';

import { MemoryFrameworkState } from '../state/memory-framework-state.ts';
import type { ConnectionHandlers, MasterConnection } from '../transport/transport.ts';
import type { SubscribeCall } from '../wire/index.ts';
import { CoreDriver, type DriverDeps } from './core-driver.ts';
import type { CoreEffect, CoreInput, TaskUpdate } from './core-messages.ts';

const call: SubscribeCall = {
  type: 'SUBSCRIBE',
  subscribe: { framework_info: { name: 'test', user: 'root' } },
};

const told: TaskUpdate = {
  taskId: 'a',
  mesosTaskId: 'a',
  status: { task_id: { value: 'a' }, state: 'TASK_RUNNING' },
  record: { id: 'a', mesosTaskId: 'a', attempt: 1 },
  adopted: false,
  reconciliation: false,
};

/** A core that answers each input as the test says, and everything around a driver. */
function driven(answer: (input: CoreInput) => CoreEffect[], change: Partial<DriverDeps> = {}) {
  const clock = new ManualClock();
  const inputs: CoreInput[] = [];
  const effects: CoreEffect[] = [];
  const log: string[] = [];
  const connections: ConnectionHandlers[] = [];
  const core = {
    nextDeadlineMs: undefined as number | undefined,
    step: (_moment: unknown, input: CoreInput) => {
      inputs.push(input);
      return answer(input);
    },
  };
  const connection = (number: number): MasterConnection => ({
    send: (callId, { type, framework_id }) =>
      log.push(`${number} send ${callId} ${type} ${framework_id.value}`),
    pause: () => log.push(`${number} pause`),
    resume: () => log.push(`${number} resume`),
    close: () => log.push(`${number} close`),
  });
  const driver = new CoreDriver({
    core,
    clock,
    transport: {
      subscribe: (master, _call, handlers) => {
        connections.push(handlers);
        log.push(`${connections.length} open ${master}`);
        return connection(connections.length);
      },
    },
    detector: { detect: async () => ['http://a:5050'], close: async () => {} },
    state: new MemoryFrameworkState(),
    onTask: () => {},
    askAgents: async () => [],
    tell: () => {},
    watch: { input: () => {}, effect: (effect) => effects.push(effect) },
    ...change,
  });
  return { driver, core, clock, inputs, effects, log, connections };
}

const connect = (connection: number): CoreEffect => ({
  type: 'connect',
  connection,
  master: 'http://a:5050',
  call,
});

function on(type: CoreInput['type'], ...effects: CoreEffect[]): (input: CoreInput) => CoreEffect[] {
  return (input) => (input.type === type ? effects : []);
}

test('what happens during a step waits for its end', () => {
  const seen: string[] = [];
  const { driver } = driven(
    (input) =>
      input.type === 'start'
        ? [
            { type: 'notice', notice: { kind: 'warning', text: 'first' } },
            { type: 'notice', notice: { kind: 'warning', text: 'second' } },
          ]
        : [],
    {
      tell: () => {
        seen.push('told');
        driver.input({ type: 'tick' });
      },
      watch: { input: ({ type }) => seen.push(type), effect: () => {} },
    },
  );
  driver.input({ type: 'start', stored: { tasks: [] } });
  expect(seen).toEqual(['start', 'told', 'told', 'tick', 'tick']);
});

describe('masters', () => {
  test('those that are found, and that none are, are told', async () => {
    const found = driven(on('tick', { type: 'detect-masters' }));
    found.driver.input({ type: 'tick' });
    await settle();
    expect(found.inputs.at(-1)).toEqual({ type: 'masters', masters: ['http://a:5050'] });

    const error = new Error('none');
    const none = driven(on('tick', { type: 'detect-masters' }), {
      detector: { detect: () => Promise.reject(error), close: async () => {} },
    });
    none.driver.input({ type: 'tick' });
    await settle();
    expect(none.inputs.at(-1)).toEqual({ type: 'no-masters', error });
  });

  test('a new search aborts the former one, whose result counts no more', async () => {
    const searches: { signal: AbortSignal; found: (masters: string[]) => void }[] = [];
    const { driver, inputs } = driven(on('tick', { type: 'detect-masters' }), {
      detector: {
        detect: (signal) => new Promise((found) => searches.push({ signal, found })),
        close: async () => {},
      },
    });
    driver.input({ type: 'tick' });
    driver.input({ type: 'tick' });
    expect(searches[0]!.signal.aborted).toBe(true);
    searches[0]!.found(['http://old:5050']);
    searches[1]!.found(['http://new:5050']);
    await settle();
    expect(inputs.filter(({ type }) => type === 'masters')).toEqual([
      { type: 'masters', masters: ['http://new:5050'] },
    ]);
  });
});

describe('a connection', () => {
  test('tells under its number, and calls go out on it with the framework’s id', () => {
    const { driver, inputs, log, connections } = driven((input) => {
      if (input.type === 'start') return [connect(1)];
      if (input.type !== 'opened') return [];
      return [{ type: 'send', connection: 1, callId: 7, frameworkId: 'fw', call: { type: 'REVIVE' } }];
    });
    driver.input({ type: 'start', stored: { tasks: [] } });
    connections[0]!.onOpened({ streamId: 's' });
    connections[0]!.onEvent({ type: 'HEARTBEAT' });
    connections[0]!.onAnswered({ callId: 7, status: 202, text: '' });
    connections[0]!.onEnded({ kind: 'ended' });
    expect(log).toEqual(['1 open http://a:5050', '1 send 7 REVIVE fw']);
    expect(inputs.slice(1)).toEqual([
      { type: 'opened', connection: 1, streamId: 's' },
      { type: 'event', connection: 1, event: { type: 'HEARTBEAT' } },
      { type: 'answered', connection: 1, answer: { callId: 7, status: 202, text: '' } },
      { type: 'ended', connection: 1, end: { kind: 'ended' } },
    ]);
  });

  test('is closed when the core says so, or opens another; a call for a former one is not sent', () => {
    const { driver, log } = driven((input) => {
      if (input.type === 'start') return [connect(1), connect(2)];
      return [
        { type: 'send', connection: 1, callId: 1, frameworkId: 'fw', call: { type: 'REVIVE' } },
        { type: 'disconnect', connection: 1 },
        { type: 'disconnect', connection: 2 },
      ];
    });
    driver.input({ type: 'start', stored: { tasks: [] } });
    driver.input({ type: 'tick' });
    expect(log).toEqual(['1 open http://a:5050', '1 close', '2 open http://a:5050', '2 close']);
  });

  test('tells that it lives at most ten times a second', () => {
    const { driver, clock, inputs, connections } = driven(on('start', connect(1)));
    driver.input({ type: 'start', stored: { tasks: [] } });
    for (let ms = 0; ms < 1000; ms += 10) {
      connections[0]!.onAlive();
      clock.advanceSync(10);
    }
    expect(inputs.filter(({ type }) => type === 'alive')).toHaveLength(10);
  });
});

describe('time', () => {
  test('the core is woken at its deadline, and an earlier one takes the place of a later one', async () => {
    const { driver, core, clock, inputs } = driven(() => []);
    core.nextDeadlineMs = 500;
    driver.input({ type: 'tick' });
    core.nextDeadlineMs = 200;
    driver.input({ type: 'tick' });
    expect(clock.pendingTimers).toBe(1);
    await clock.advance(199);
    expect(inputs).toHaveLength(2);
    core.nextDeadlineMs = 500;
    await clock.advance(1);
    expect(inputs).toHaveLength(3);
    core.nextDeadlineMs = undefined;
    await clock.advance(300);
    expect(inputs).toHaveLength(4);
    expect(clock.pendingTimers).toBe(0);
  });

  test('a deadline that moves away costs no new timer', () => {
    const { driver, core, clock } = driven(() => []);
    core.nextDeadlineMs = 100;
    driver.input({ type: 'tick' });
    for (let ms = 1; ms < 50; ms++) {
      core.nextDeadlineMs = 100 + ms;
      driver.input({ type: 'tick' });
    }
    expect(clock.pendingTimers).toBe(1);
  });
});

describe('what is written and told', () => {
  test('a write is answered, with its error if it has failed', async () => {
    const { driver, inputs } = driven(
      on('tick', { type: 'persist', write: 3, change: { frameworkId: 'fw' } }),
    );
    driver.input({ type: 'tick' });
    await settle();
    expect(inputs.at(-1)).toEqual({ type: 'persisted', write: 3 });

    const error = new Error('disk full');
    const full = driven(on('tick', { type: 'persist', write: 4, change: {} }), {
      state: { load: async () => ({ tasks: [] }), write: () => Promise.reject(error), close: async () => {} },
    });
    full.driver.input({ type: 'tick' });
    await settle();
    expect(full.inputs.at(-1)).toEqual({ type: 'persisted', write: 4, error });
  });

  test('an update counts as handled when the owner’s promise has resolved, not before', async () => {
    let handled = () => {};
    const { driver, inputs } = driven(on('tick', { type: 'task-update', update: 1, told }), {
      onTask: () => new Promise<void>((resolve) => (handled = resolve)),
    });
    driver.input({ type: 'tick' });
    await settle();
    expect(inputs).toHaveLength(1);
    handled();
    await settle();
    expect(inputs.at(-1)).toEqual({ type: 'handled', update: 1 });
  });

  test.each([
    [
      'throws',
      () => {
        throw new Error('no');
      },
    ],
    ['rejects', () => Promise.reject(new Error('no'))],
    // What a program in JavaScript may do.
    ['rejects without an error', () => Promise.reject('no' as unknown as Error)],
  ])('an owner that %s has not handled it', async (_, onTask) => {
    const { driver, inputs } = driven(on('tick', { type: 'task-update', update: 1, told }), { onTask });
    driver.input({ type: 'tick' });
    await settle();
    expect(inputs.at(-1)).toEqual({ type: 'handled', update: 1, error: new Error('no') });
  });

  test('the stream is not read while thousands of updates wait for their owner', async () => {
    const open: (() => void)[] = [];
    const update = (number: number): CoreEffect => ({ type: 'task-update', update: number, told });
    const { driver, log } = driven(
      (input) =>
        input.type === 'start' ? [connect(1), ...Array.from({ length: 10_001 }, (_, n) => update(n))] : [],
      { onTask: () => new Promise<void>((resolve) => open.push(resolve)) },
    );
    driver.input({ type: 'start', stored: { tasks: [] } });
    await settle();
    expect(log).toEqual(['1 open http://a:5050', '1 pause']);
    for (const handled of open.slice(0, 5000)) handled();
    await settle();
    expect(log).toHaveLength(2);
    for (const handled of open.slice(5000)) handled();
    await settle();
    expect(log.at(-1)).toBe('1 resume');
  });

  test('what the agents have in all is told; a question without an answer disturbs nobody', async () => {
    const totals = [{ agentId: 'a', resources: { cpus: 8 } }];
    const asked = driven(on('start', { type: 'ask-agents', master: 'http://a:5050' }), {
      askAgents: async () => totals,
    });
    asked.driver.input({ type: 'start', stored: { tasks: [] } });
    await settle();
    expect(asked.inputs.at(-1)).toEqual({ type: 'agents', totals });

    const refused = driven(on('start', { type: 'ask-agents', master: 'http://a:5050' }), {
      askAgents: () => Promise.reject(new Error('forbidden')),
    });
    refused.driver.input({ type: 'start', stored: { tasks: [] } });
    await settle();
    expect(refused.inputs).toHaveLength(1);
  });
});

test('after its close there is no timer, no connection, no search, and nothing is told any more', async () => {
  let search: AbortSignal | undefined;
  const { driver, core, clock, inputs, log, connections } = driven(
    on('start', { type: 'detect-masters' }, connect(1), { type: 'task-update', update: 1, told }),
    {
      detector: {
        detect: (signal) => {
          search = signal;
          return new Promise(() => {});
        },
        close: async () => {},
      },
    },
  );
  core.nextDeadlineMs = 1000;
  driver.input({ type: 'start', stored: { tasks: [] } });
  await driver.close();
  await driver.close();
  expect(inputs.map(({ type }) => type)).toEqual(['start', 'close']);
  expect(clock.pendingTimers).toBe(0);
  expect(search?.aborted).toBe(true);
  expect(log.at(-1)).toBe('1 close');
  connections[0]!.onEvent({ type: 'HEARTBEAT' });
  await settle();
  expect(inputs).toHaveLength(2);
});

test('a close from within a step waits for its end', async () => {
  let closed: Promise<void> | undefined;
  const { driver, inputs } = driven(on('tick', { type: 'notice', notice: { kind: 'warning', text: '' } }), {
    tell: () => (closed ??= driver.close()),
  });
  driver.input({ type: 'tick' });
  await closed;
  expect(inputs.map(({ type }) => type)).toEqual(['tick', 'close']);
});
