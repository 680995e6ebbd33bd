import { defaultSystemLimits } from '@vibrissa/protocol';
import { settle } from '@vibrissa/testkit';
import { afterEach, describe, expect, test } from 'vitest';
import { ContainerStartError } from '../../src/containers/container-factory.ts';
import { openInvoker, until, type InvokerFixture } from './invoker-fixture.ts';
import { ScriptedFactory, type PendingRun } from './scripted-containers.ts';

let fixture: InvokerFixture;

async function open(
  options: Parameters<typeof ScriptedFactory.open>[0] = {},
  over: Parameters<typeof openInvoker>[0] = {},
) {
  const factory = await ScriptedFactory.open({ distant: true, ...options });
  fixture = await openInvoker({ ...over, factory });
  return { ...fixture, factory, nextRun: () => nextRun(factory) };
}

afterEach(() => fixture.close());

async function nextRun(factory: ScriptedFactory): Promise<PendingRun> {
  await until(() => factory.pending.length > 0);
  return factory.pending.shift() as PendingRun;
}

/** A connection that was closed at one end is closed at the other. */
async function untilSeen(): Promise<void> {
  for (let turn = 0; turn < 10; turn++) await settle();
}

const content = '{"how":"ok"}';
const missing = 'stderr: There was an issue while collecting your logs. Data might be missing.';

describe('the logs of a container elsewhere', () => {
  test('follow the record, and the container serves the next activation meanwhile', async () => {
    const { factory, createAction, publish, outcomeOf, nextRun, journal, acknowledgements } = await open();
    factory.showsLate = true;
    const hello = await createAction();
    const messages = [];
    for (let count = 0; count < 3; count++) {
      const message = await publish({ ...hello, content });
      messages.push(message);
      (await nextRun()).answer();
      expect((await outcomeOf(message)).result).toEqual({ ok: true });
    }
    expect(acknowledgements.map(({ type }) => type)).toEqual(['combined', 'combined', 'combined']);
    expect(journal.logs.size).toBe(0);
    expect(factory.containers).toHaveLength(1);
    factory.containers[0]?.files?.show();
    await until(() => journal.logs.size === 3);
    for (const { activationId } of messages) {
      expect(journal.logs.get(activationId)?.map((line) => line.slice(31))).toEqual([
        `stdout: out ${activationId}`,
        `stderr: err ${activationId}`,
      ]);
    }
    expect(factory.violations).toEqual([]);
  });

  test('are told apart by bare sentinels too', async () => {
    const { factory, createAction, publish, outcomeOf, nextRun, journal } = await open({
      plainSentinels: true,
    });
    factory.showsLate = true;
    const hello = await createAction();
    const first = await publish({ ...hello, content });
    (await nextRun()).answer();
    await outcomeOf(first);
    const second = await publish({ ...hello, content });
    (await nextRun()).answer();
    await outcomeOf(second);
    factory.containers[0]?.files?.show();
    await until(() => journal.logs.size === 2);
    for (const { activationId } of [first, second]) {
      expect(journal.logs.get(activationId)?.[0]).toContain(`stdout: out ${activationId}`);
      expect(journal.logs.get(activationId)).toHaveLength(2);
    }
  });

  test('are in the order of their times where their lines have some', async () => {
    const { createAction, publish, outcomeOf, nextRun, journal } = await open({ stamped: true });
    const message = await publish({ ...(await createAction()), content });
    (await nextRun()).answer();
    const { activationId } = message;
    await outcomeOf(message);
    await until(() => journal.logs.has(activationId));
    expect(journal.logs.get(activationId)?.map((line) => line.slice(19))).toEqual([
      `.000000001Z stderr: err ${activationId}`,
      `.000000002Z stdout: out ${activationId}`,
    ]);
  });

  test('without an end mark are read once before the slot is free', async () => {
    const runtimes = { nodejs: [{ kind: 'nodejs:20', image: { name: 'node' }, sentinelledLogs: false }] };
    const { createAction, publish, outcomeOf, nextRun, acknowledgements } = await open(
      {},
      { manifest: { runtimes } },
    );
    const hello = await createAction();
    const message = await publish({ ...hello, content });
    const run = await nextRun();
    run.answer();
    const { activationId } = message;
    expect((await outcomeOf(message)).logs).toEqual([
      `stdout: out ${activationId}`,
      `stderr: err ${activationId}`,
    ]);
    expect(acknowledgements.map(({ type }) => type)).toEqual(['result', 'completion']);
    expect(run.container.files?.fetches).toBe(1);
  });

  test('without an end mark that cannot be read say so, and cost the container', async () => {
    const runtimes = { nodejs: [{ kind: 'nodejs:20', image: { name: 'node' }, sentinelledLogs: false }] };
    const { createAction, publish, outcomeOf, nextRun, factory } = await open({}, { manifest: { runtimes } });
    const message = await publish({ ...(await createAction()), content });
    const run = await nextRun();
    run.container.files!.fault = new Error('no agent');
    run.answer();
    expect((await outcomeOf(message)).logs).toEqual([missing, 'stderr: Look for them in the sandbox.']);
    await until(() => factory.containers.length === 0);
  });

  test('that cannot be read say so, and cost neither the container nor the logs of the next activation', async () => {
    const { createAction, publish, outcomeOf, nextRun, journal } = await open();
    const hello = await createAction();
    const first = await publish({ ...hello, content });
    const run = await nextRun();
    run.container.files!.fault = new Error('the agent restarts');
    run.answer();
    expect((await outcomeOf(first)).result).toEqual({ ok: true });
    await until(() => journal.logs.has(first.activationId));
    expect(journal.logs.get(first.activationId)?.map((line) => line.slice(31))).toEqual([
      missing,
      'stderr: Look for them in the sandbox.',
    ]);
    run.container.files!.fault = undefined;
    const second = await publish({ ...hello, content });
    const next = await nextRun();
    expect(next.container).toBe(run.container);
    next.answer();
    await until(() => journal.logs.has(second.activationId));
    expect(journal.logs.get(second.activationId)?.map((line) => line.slice(31))).toEqual([
      `stdout: out ${second.activationId}`,
      `stderr: err ${second.activationId}`,
    ]);
  });

  test('that never end cost the container when it is idle, and say so', async () => {
    const { createAction, publish, outcomeOf, nextRun, factory, journal } = await open();
    const hello = await createAction();
    const message = await publish({ ...hello, content: '{"how":"ok","marks":false}' });
    (await nextRun()).answer();
    expect((await outcomeOf(message)).result).toEqual({ ok: true });
    const busy = await publish({ ...hello, content });
    const run = await nextRun();
    await until(() => journal.logs.has(message.activationId));
    expect(journal.logs.get(message.activationId)?.map((line) => line.slice(31))).toEqual([
      `stdout: out ${message.activationId}`,
      `stderr: err ${message.activationId}`,
      missing,
    ]);
    expect(factory.containers).toEqual([run.container]);
    run.answer();
    expect((await outcomeOf(busy)).result).toEqual({ ok: true });
    await until(() => factory.containers.length === 0);
    // It was removed, and yet its last logs came.
    await until(() => journal.logs.has(busy.activationId));
    expect(journal.logs.get(busy.activationId)).toHaveLength(2);
  });

  test('are looked for once more when the container has ended', async () => {
    const { createAction, publish, outcomeOf, nextRun, journal } = await open();
    const message = await publish({ ...(await createAction()), content: '{"how":"dies"}' });
    (await nextRun()).answer();
    expect((await outcomeOf(message)).record.response.statusCode).toBe(2);
    await until(() => journal.logs.has(message.activationId));
    expect(journal.logs.get(message.activationId)?.map((line) => line.slice(31))).toEqual([
      `stdout: out ${message.activationId}`,
      `stderr: err ${message.activationId}`,
      'stderr: The action did not initialize or run as expected. Log data might be missing.',
    ]);
  });

  test('of a failed activation are whole where its runtime has answered', async () => {
    const { factory, createAction, publish, outcomeOf, nextRun, journal } = await open();
    factory.showsLate = true;
    let end = () => {};
    factory.endGate = new Promise((resolve) => (end = resolve));
    const message = await publish({ ...(await createAction()), content: '{"how":"developer-error"}' });
    const { container, answer } = await nextRun();
    answer();
    expect((await outcomeOf(message)).result).toEqual({ error: 'broken' });
    // Beyond the 50 ms for which others are waited for.
    await until(() => container.files!.fetches > 5);
    container.files?.show();
    end();
    await until(() => journal.logs.has(message.activationId));
    expect(journal.logs.get(message.activationId)).toHaveLength(2);
  });

  test('of a record that could not be written come with it later', async () => {
    const { createAction, publish, completion, nextRun, journal, factory } = await open();
    factory.showsLate = true;
    const write = journal.finish.bind(journal);
    journal.finish = () => Promise.reject(new Error('disk full'));
    const { activationId } = await publish({ ...(await createAction()), content });
    (await nextRun()).answer();
    expect(await completion(activationId)).toMatchObject({ type: 'completion', isSystemError: true });
    journal.finish = write;
    factory.containers[0]?.files?.show();
    await until(() => journal.finished.length === 1);
    expect(journal.logs.get(activationId)).toHaveLength(2);
  });

  test('are waited for by a drain', async () => {
    const { createAction, publish, outcomeOf, nextRun, factory, journal, invoker } = await open();
    factory.showsLate = true;
    const message = await publish({ ...(await createAction()), content });
    (await nextRun()).answer();
    await outcomeOf(message);
    let drained = false;
    const drain = invoker.drain(20_000).then(() => (drained = true));
    const { files } = factory.containers[0]!;
    const before = files!.fetches;
    await until(() => files!.fetches > before + 2);
    expect(drained).toBe(false);
    files!.show();
    await drain;
    expect(journal.logs.get(message.activationId)).toHaveLength(2);
  });

  test('that do not come are not waited for without end by a close', async () => {
    const { createAction, publish, outcomeOf, nextRun, factory, journal, invoker } = await open();
    const message = await publish({ ...(await createAction()), content });
    const run = await nextRun();
    run.container.files!.gate = new Promise(() => {});
    run.answer();
    await outcomeOf(message);
    await invoker.drain(1);
    await invoker.close();
    expect(journal.logs.get(message.activationId)?.map((line) => line.slice(31))).toEqual([missing]);
    expect(factory.containers).toHaveLength(1);
  });

  test('so far of an activation that a drain gives up are fetched for its record', async () => {
    const { createAction, publish, nextRun, invoker } = await open();
    await publish({ ...(await createAction()), content });
    const { container } = await nextRun();
    container.files?.write('stdout', 'so far\n');
    const { running } = await invoker.drain(1);
    expect(running[0]?.logs).toEqual([expect.stringContaining('stdout: so far')]);
  });
});

describe('a container elsewhere', () => {
  test('is not initialised before what it becomes is kept', async () => {
    const { createAction, publish, nextRun, factory, outcomeOf } = await open();
    let keep = () => {};
    factory.memoGate = new Promise((resolve) => (keep = resolve));
    const message = await publish({ ...(await createAction({ limits: { logs: 0 } })), content });
    await until(() => fixture.journal.started.length === 1);
    expect(factory.containers[0]?.requests).toEqual([]);
    keep();
    (await nextRun()).answer();
    await outcomeOf(message);
    expect(factory.containers[0]?.memo).toMatchObject({ action: 'guest/hello', capacity: 1 });
    expect(factory.violations).toEqual([]);
  });

  test('that cannot keep what it becomes is replaced, a few times', async () => {
    const { createAction, invoke, factory, counts } = await open({}, { config: { maxAttempts: 3 } });
    factory.memoFault = new Error('disk full');
    const { record, result } = await invoke({ ...(await createAction({ limits: { logs: 0 } })), content });
    expect(record.response.statusCode).toBe(3);
    expect(result).toEqual({ error: 'Failed to provision resources to run the action.' });
    expect(counts.get('counter_containerPool_rescheduledActivation_counter_total')).toBe(3);
    await until(() => factory.containers.length === 0);
  });

  test('whose agent is lost fails what ran in it with the reason, as the platform’s error', async () => {
    const { createAction, publish, nextRun, outcomeOf, invoker } = await open();
    const message = await publish({ ...(await createAction({ limits: { logs: 0 } })), content });
    (await nextRun()).container.vanish('The agent is lost.');
    const { record, result } = await outcomeOf(message);
    expect(result).toEqual({ error: 'The agent is lost.' });
    expect(record.response.statusCode).toBe(3);
    await until(() => invoker.snapshot().containers.length === 0);
  });

  test('that nobody can connect to any more is given up, and the activation runs elsewhere', async () => {
    const { createAction, publish, nextRun, outcomeOf, invoker } = await open();
    const hello = await createAction({ limits: { logs: 0 } });
    const first = await publish({ ...hello, content });
    const run = await nextRun();
    run.answer();
    await outcomeOf(first);
    run.container.cutOff();
    await untilSeen();
    const second = await publish({ ...hello, content });
    const other = await nextRun();
    other.answer();
    expect((await outcomeOf(second)).result).toEqual({ ok: true });
    expect(invoker.snapshot().containers.map(({ name }) => name)).toEqual([other.container.id]);
  });

  test('is tried at last where all used ones are unreachable, however many they are', async () => {
    const over = { config: { maxAttempts: 2 } };
    const { createAction, publish, nextRun, outcomeOf } = await open({}, over);
    const hello = await createAction({ limits: { logs: 0 } });
    const messages = await Promise.all([1, 2, 3].map(() => publish({ ...hello, content })));
    const runs = [await nextRun(), await nextRun(), await nextRun()];
    for (const { answer } of runs) answer();
    for (const message of messages) await outcomeOf(message);
    for (const { container } of runs) container.cutOff();
    await untilSeen();
    const next = await publish({ ...hello, content });
    (await nextRun()).answer();
    expect((await outcomeOf(next)).result).toEqual({ ok: true });
  });

  test('that nobody can connect to is the platform’s error in the end, not the developer’s', async () => {
    const over = { config: { maxAttempts: 2 } };
    const { createAction, invoke, factory, counts } = await open({}, over);
    factory.cutsOff = true;
    const limits = { logs: 0, timeout: 60_000 };
    const { record, result } = await invoke({ ...(await createAction({ limits })), content });
    expect(record.response.statusCode).toBe(3);
    expect(result).toEqual({ error: 'Failed to provision resources to run the action.' });
    expect(counts.get('counter_containerPool_rescheduledActivation_counter_total')).toBe(2);
  });

  test('that nobody can connect to is the platform’s error for all who share it', async () => {
    const limits = { ...defaultSystemLimits, concurrencyLimit: { min: 1, std: 1, max: 10 } };
    const over = { config: { maxAttempts: 1, limits } };
    const { createAction, publish, outcomeOf, factory } = await open({}, over);
    factory.cutsOff = true;
    const hello = await createAction({ limits: { logs: 0, concurrency: 3 } });
    const messages = await Promise.all([1, 2, 3].map(() => publish({ ...hello, content })));
    const outcomes = await Promise.all(messages.map(outcomeOf));
    expect(outcomes.map(({ record }) => record.response.statusCode)).toEqual([3, 3, 3]);
  });

  test('that has ended by itself before anything ran in it is its image’s error', async () => {
    const { createAction, invoke, factory } = await open({}, { config: { maxAttempts: 2 } });
    const create = factory.create.bind(factory);
    factory.create = async (...asked) => {
      const container = await create(...asked);
      factory.containers.at(-1)?.crash();
      return container;
    };
    const { record } = await invoke({ ...(await createAction({ limits: { logs: 0 } })), content });
    expect(record.response.statusCode).toBe(2);
  });

  test('whose agent is lost while it is idle is dropped, and the next activation runs elsewhere', async () => {
    const { createAction, publish, nextRun, outcomeOf, invoker } = await open();
    const hello = await createAction({ limits: { logs: 0 } });
    const first = await publish({ ...hello, content });
    const run = await nextRun();
    run.answer();
    await outcomeOf(first);
    run.container.vanish('The agent is lost.');
    await until(() => invoker.snapshot().containers.length === 0);
    const second = await publish({ ...hello, content });
    (await nextRun()).answer();
    expect((await outcomeOf(second)).result).toEqual({ ok: true });
  });

  test('that cannot be started says why, where its factory may tell', async () => {
    const { createAction, invoke, factory } = await open();
    const told = 'No agent offers 256 MB.';
    factory.create = () => Promise.reject(new ContainerStartError('platform', 'inner', { told }));
    expect((await invoke(await createAction())).result).toEqual({
      error: `Failed to provision resources to run the action. ${told}`,
    });
  });

  test('is counted by what it has run', async () => {
    const { createAction, publish, nextRun, outcomeOf, invoker } = await open();
    const hello = await createAction({ limits: { logs: 0 } });
    for (let count = 0; count < 2; count++) {
      const message = await publish({ ...hello, content });
      (await nextRun()).answer();
      await outcomeOf(message);
    }
    const [container] = invoker.snapshot().containers;
    expect(container).toMatchObject({ activations: 2, active: 0, action: 'guest/hello' });
    expect(Number.isInteger(container?.since)).toBe(true);
  });
});
