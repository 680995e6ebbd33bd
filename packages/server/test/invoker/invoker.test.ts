import { chmodSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { defaultSystemLimits } from '@vibrissa/protocol';
import { anIdentity } from '@vibrissa/testkit';
import { afterAll, afterEach, describe, expect, test } from 'vitest';
import { MemoryArtifactStore } from '../../src/store/memory/memory-artifact-store.ts';
import { ContainerStartError } from '../../src/containers/container-factory.ts';
import { openInvoker, until, type InvokerFixture } from './invoker-fixture.ts';
import { ScriptedFactory } from './scripted-containers.ts';

let fixture: InvokerFixture;

async function open(options: Parameters<typeof openInvoker>[0] = {}): Promise<InvokerFixture> {
  fixture = await openInvoker(options);
  return fixture;
}

afterEach(() => fixture.close());

const exits = 'The action did not produce a valid response and exited unexpectedly.';
const developerLine = 'stderr: The action did not initialize or run as expected. Log data might be missing.';

describe('an activation', () => {
  test('runs cold, then warm, and is recorded before it is acknowledged', async () => {
    const { createAction, invoke, journal, starts } = await open();
    const hello = await createAction({
      code: 'function main({ name }) { console.log("hi"); return { hello: name } }',
    });
    const cold = await invoke({ ...hello, content: '{"name":"Ada"}' });
    expect(cold.result).toEqual({ hello: 'Ada' });
    expect(cold.logs).toEqual(['stdout: hi']);
    expect(cold.record).toMatchObject({
      namespace: 'guest',
      subject: 'guest',
      path: 'guest/hello',
      kind: 'nodejs:20',
      version: '0.0.1',
      timeout: false,
      response: { statusCode: 0, size: 15 },
    });
    expect(cold.record.initTime).toBeGreaterThanOrEqual(0);
    const { start, end, duration } = cold.record;
    expect(end).toBe(start + (duration ?? Number.NaN));
    const warm = await invoke({ ...hello, content: '{"name":"Bob"}' });
    expect(warm.result).toEqual({ hello: 'Bob' });
    expect(warm.logs).toEqual(['stdout: hi']);
    expect(warm.record).not.toHaveProperty('initTime');
    expect([starts('cold'), starts('warmed')]).toEqual([1, 1]);
    expect(journal.finished.map(({ activationId }) => activationId)).toEqual([
      cold.record.activationId,
      warm.record.activationId,
    ]);
  });

  test('that answers with an error leaves its container warm', async () => {
    const { createAction, invoke } = await open();
    const failing = await createAction({ code: 'function main() { return { error: "no", more: 1 } }' });
    expect((await invoke(failing)).record.response).toMatchObject({
      statusCode: 1,
      resultJson: '{"error":"no"}',
    });
    expect((await invoke(failing)).record).not.toHaveProperty('initTime');
  });

  test('that fails in development takes its container with it, and keeps its logs', async () => {
    const { createAction, invoke, invoker } = await open();
    const broken = await createAction({ code: 'function main() { console.log("before"); return 42 }' });
    const first = await invoke(broken);
    expect(first.record.response.statusCode).toBe(2);
    expect(first.result).toEqual({ error: 'The action did not return a dictionary.' });
    // The runtime has answered, so nothing is missing of the logs.
    expect(first.logs).toEqual(['stdout: before']);
    expect(invoker.snapshot().containers).toEqual([]);
    expect((await invoke(broken)).record.initTime).toBeDefined();
  });

  test('whose code does not parse has the reason of its initialisation', async () => {
    const { createAction, invoke, invoker } = await open();
    const unparsable = await createAction({ code: 'function main( {' });
    const { record, result, logs } = await invoke(unparsable);
    expect(record.response.statusCode).toBe(2);
    expect(JSON.stringify(result)).toMatch(/Initialization has failed due to: .*SyntaxError/);
    expect(record.duration).toBe(record.initTime);
    expect(logs).not.toContain(developerLine);
    expect(invoker.snapshot().containers).toEqual([]);
  });

  test('that hangs is stopped at its time limit, while running as while loading', async () => {
    const { createAction, invoke, invoker } = await open();
    // It holds for the initialisation, too, which must not be what takes too long.
    const hanging = await createAction({
      code: 'function main() { console.log("on"); for (;;); }',
      limits: { timeout: 5000 },
    });
    const stopped = await invoke(hanging);
    expect(stopped.result).toEqual({ error: 'The action exceeded its time limits of 5000 milliseconds.' });
    expect(stopped.record).toMatchObject({ timeout: true, response: { statusCode: 2 } });
    expect(stopped.logs).toEqual(['stdout: on', developerLine]);
    const loading = await createAction({ name: 'loading', code: 'for (;;);', limits: { timeout: 300 } });
    const unloaded = await invoke(loading);
    expect(unloaded.result).toEqual({
      error: 'The action exceeded its time limits of 300 milliseconds during initialization.',
    });
    expect(unloaded.record.timeout).toBe(true);
    expect(invoker.snapshot().containers).toEqual([]);
  });

  test('that exits has a sentence for it, and what it wrote before', async () => {
    const { createAction, invoke, journal } = await open();
    const exiting = await createAction({ code: 'function main() { console.error("bye"); process.exit(3) }' });
    const { record, result, logs } = await invoke(exiting);
    expect(result).toEqual({ error: exits });
    expect(record.response.statusCode).toBe(2);
    expect(logs).toEqual(['stderr: bye', developerLine]);
    expect(journal.started).toHaveLength(1);
    const unloadable = await createAction({ name: 'unloadable', code: 'process.exit(0)' });
    expect((await invoke(unloadable)).result).toEqual({
      error: 'The action did not initialize and exited unexpectedly.',
    });
  });

  test('whose result is too long gets the beginning of it, and leaves its container warm', async () => {
    const { createAction, invoke } = await open();
    const long = await createAction({ code: 'function main() { return { text: "x".repeat(2 ** 21) } }' });
    const first = await invoke(long);
    expect(first.record.response.statusCode).toBe(1);
    expect(JSON.stringify(first.result)).toMatch(
      /exceeded the allowed length: 2097163 > 1048576 bytes\. The truncated response was: \{\\"text\\":\\"xxx/,
    );
    expect((await invoke(long)).record).not.toHaveProperty('initTime');
  });

  test('gets init parameters as environment, and the others as arguments', async () => {
    const { createAction, invoke } = await open();
    const hello = await createAction({
      code: 'function main(args) { return { args, env: process.env.PLACE } }',
    });
    const over = { ...hello, initArgs: ['PLACE'], content: '{"PLACE":"Paris","name":"Ada"}' };
    const expected = { args: { name: 'Ada' }, env: 'Paris' };
    expect((await invoke(over)).result).toEqual(expected);
    expect((await invoke(over)).result).toEqual(expected);
  });

  test('gets the key of its caller only when its action says so', async () => {
    const code = 'function main() { return { key: process.env.__OW_API_KEY ?? "none" } }';
    const { createAction, invoke } = await open();
    const trusting = await createAction({ code });
    expect((await invoke(trusting)).result).toEqual({ key: anIdentity().authkey });
    const annotations = [{ key: 'provide-api-key', value: false }];
    const careful = await createAction({ name: 'careful', code, entity: { annotations } });
    expect((await invoke(careful)).result).toEqual({ key: 'none' });
  });

  test('with a log limit of 0 has no logs', async () => {
    const { createAction, invoke } = await open();
    const silent = await createAction({
      code: 'function main() { console.log("x"); return {} }',
      limits: { logs: 0 },
    });
    expect((await invoke(silent)).logs).toEqual([]);
    expect((await invoke(silent)).logs).toEqual([]);
  });

  test('that floods its logs keeps the first megabytes, and its container', async () => {
    const { createAction, invoke } = await open();
    const code =
      'function main() { for (let i = 0; i < 3000; i++) console.log("x".repeat(999)); return { done: true } }';
    const flooding = await createAction({ code, limits: { logs: 1 } });
    const { result, logs } = await invoke(flooding);
    expect(result).toEqual({ done: true });
    expect(logs).toHaveLength(1049);
    expect(logs.at(-1)).toBe(
      'stderr: Logs were truncated because the total bytes size exceeds the limit of 1048576 bytes.',
    );
    expect((await invoke(flooding)).record).not.toHaveProperty('initTime');
  });

  test.each([
    ['that the platform reads itself', false],
    ['that come from elsewhere', true],
  ])('that prints sentinels ends nothing by it, in logs %s', async (_, distantLogs) => {
    const { createAction, invoke } = await open({ distantLogs });
    const line = 'XXX_THE_END_OF_A_WHISK_ACTIVATION_XXX';
    const code = `function main() { console.log("${line}"); console.error("${line}"); console.log("after"); return {} }`;
    const forging = await createAction({ code });
    for (let round = 0; round < 3; round++) expect((await invoke(forging)).logs).toEqual(['stdout: after']);
  });
});

describe('a container', () => {
  test('never serves two namespaces', async () => {
    const { createAction, invoke, invoker } = await open();
    const counting = await createAction({ code: 'let n = 0; function main() { return { n: ++n } }' });
    const other = anIdentity({ namespace: { name: 'other', uuid: 'ffffffff-71f6-4ed5-8c54-816aa4f8c502' } });
    expect((await invoke(counting)).result).toEqual({ n: 1 });
    expect((await invoke({ ...counting, user: other })).result).toEqual({ n: 1 });
    expect((await invoke(counting)).result).toEqual({ n: 2 });
    expect(invoker.snapshot().containers).toHaveLength(2);
  });

  test('never serves two versions of an action', async () => {
    const { createAction, invoke } = await open();
    const before = await createAction({ code: 'function main() { return { is: "old" } }' });
    expect((await invoke(before)).result).toEqual({ is: 'old' });
    const after = await createAction({
      code: 'function main() { return { is: "new" } }',
      entity: { version: '0.0.2' },
    });
    const { result, record } = await invoke(after);
    expect([result, record.version]).toEqual([{ is: 'new' }, '0.0.2']);
  });

  test('serves an action that was deleted and made again the same', async () => {
    const { createAction, invoke, memory, starts } = await open();
    const first = await createAction();
    await invoke(first);
    const stored = await memory.get('action', 'guest', 'hello');
    if (stored) await memory.delete(stored.entity, stored.revision);
    const again = await createAction();
    expect((await invoke(again)).record).not.toHaveProperty('initTime');
    expect(starts('cold')).toBe(1);
  });

  test('that died while it was idle is not given another activation', async () => {
    const { createAction, invoke, invoker } = await open();
    const dying = await createAction({ code: 'function main() { return { pid: process.pid } }' });
    const pids = new Set<number>();
    for (let round = 0; round < 3; round++) {
      const { pid } = (await invoke(dying)).result as { pid: number };
      pids.add(pid);
      process.kill(pid, 'SIGKILL');
      await until(() => invoker.snapshot().containers.length === 0);
    }
    expect(pids.size).toBe(3);
  });

  test('that is idle is frozen, and thawed for the next activation', async () => {
    const { createAction, invoke, invoker } = await open({ config: { pauseGraceMs: 1 } });
    const hello = await createAction({ code: 'let n = 0; function main() { return { n: ++n } }' });
    await invoke(hello);
    await until(() => invoker.snapshot().containers[0]?.state === 'paused');
    expect((await invoke(hello)).result).toEqual({ n: 2 });
  });

  test('that died while it was frozen costs nobody a result', async () => {
    const { createAction, invoke, invoker, counts } = await open({ config: { pauseGraceMs: 1 } });
    const hello = await createAction({ code: 'function main() { return { pid: process.pid } }' });
    const { pid } = (await invoke(hello)).result as { pid: number };
    await until(() => invoker.snapshot().containers[0]?.state === 'paused');
    process.kill(pid, 'SIGKILL');
    const { result, record } = await invoke(hello);
    expect(result).not.toEqual({ pid });
    expect(record.response.statusCode).toBe(0);
    expect(counts.get('counter_containerPool_illegalTransition_counter_total')).toBeUndefined();
  });

  test('that nobody uses is removed', async () => {
    const { createAction, invoke, invoker } = await open({ config: { pauseGraceMs: 1, idleContainerMs: 1 } });
    await invoke(await createAction());
    await until(() => invoker.snapshot().containers.length === 0);
    expect((await invoke(await createAction())).record.initTime).toBeDefined();
  });

  test('takes several activations at a time where its action allows it', async () => {
    const limits = { ...defaultSystemLimits, concurrencyLimit: { min: 1, std: 1, max: 10 } };
    const { createAction, publish, outcomeOf, invoker } = await open({ config: { limits } });
    const code = `let waiting = []; function main({ id }) {
      return new Promise((resolve) => {
        waiting.push(() => resolve({ id }));
        if (waiting.length === 3) for (const wake of waiting.splice(0)) wake();
      });
    }`;
    const meeting = await createAction({ code, limits: { concurrency: 3 } });
    const messages = await Promise.all(
      [1, 2, 3].map((id) => publish({ ...meeting, content: `{"id":${id}}` })),
    );
    const outcomes = await Promise.all(messages.map(outcomeOf));
    expect(outcomes.map(({ result }) => result)).toEqual([{ id: 1 }, { id: 2 }, { id: 3 }]);
    expect(invoker.snapshot().containers).toHaveLength(1);
    expect(outcomes.filter(({ record }) => record.initTime !== undefined)).toHaveLength(1);
  });
});

describe('before it runs, an activation', () => {
  test('learns that its action is gone, changed into something else, or cannot be read', async () => {
    const sick = new MemoryArtifactStore();
    sick.get = () => Promise.reject(new Error('disk'));
    const { createAction, invoke, memory, close } = await open();
    const hello = await createAction();
    const stored = await memory.get('action', 'guest', 'hello');
    if (stored) await memory.delete(stored.entity, stored.revision);
    const gone = await invoke(hello);
    expect(gone.result).toEqual({ error: 'Action could not be found or may have been deleted.' });
    expect(gone.record).toMatchObject({ kind: 'unknown', response: { statusCode: 1 } });
    const sequence = await createAction({ exec: { kind: 'sequence', components: [] } });
    const changed = await invoke({ ...sequence, revision: 'older' });
    expect(changed.result).toEqual({ error: 'Action version is not compatible and cannot be invoked.' });
    await close();
    const { invoke: invokeSick } = await open({ artifacts: sick });
    const unreadable = await invokeSick(hello);
    expect(unreadable.result).toEqual({ error: 'Action could not be fetched.' });
    expect(unreadable.record.response.statusCode).toBe(3);
  });

  test('is refused where its namespace is blacklisted, and leaves no record', async () => {
    const { createAction, invoke, journal } = await open();
    const hello = await createAction();
    const user = anIdentity({ limits: { concurrentInvocations: 0 } });
    const { result, record } = await invoke({ ...hello, user });
    expect(result).toEqual({ error: 'The action was not invoked due to a blacklisted namespace.' });
    expect(journal.finished).toEqual([]);
    expect(journal.discarded).toEqual([record.activationId]);
  });

  test('is refused when its action has outgrown the limits of its namespace', async () => {
    const { createAction, invoke } = await open();
    const hello = await createAction();
    const user = anIdentity({ limits: { maxActionMemory: 128 } });
    const { result, record } = await invoke({ ...hello, user });
    expect(result).toEqual({ error: 'memory size 256 MB exceeds allowed threshold of 128 MB' });
    expect(record.response.statusCode).toBe(1);
  });

  test('is refused when no factory can run its image, with the reason', async () => {
    const { createAction, invoke } = await open();
    const foreign = await createAction({ exec: { kind: 'blackbox', image: 'example/image' } });
    const { result, record } = await invoke(foreign);
    expect(result).toEqual({
      error: expect.stringMatching(/^The image 'example\/image' needs the container factory 'mesos'/),
    });
    expect(record.response.statusCode).toBe(2);
  });

  test('is refused when it would never fit', async () => {
    const { createAction, invoke } = await open({ config: { userMemoryMb: 128 } });
    const { result, record } = await invoke(await createAction());
    expect(result).toEqual({ error: 'Failed to provision resources to run the action.' });
    expect(record.response.statusCode).toBe(3);
  });
});

test('an action that asks for the internet gets it before its code runs, or the reason why not', async () => {
  const factory = await ScriptedFactory.open();
  const { createAction, publish, outcomeOf } = await open({ factory });
  const entity = { annotations: [{ key: 'internet', value: true }] };
  const online = await createAction({ entity, limits: { logs: 0 } });
  const message = await publish({ ...online, content: '{"how":"ok"}' });
  await until(() => factory.pending.length === 1);
  expect(factory.specialised).toEqual([{ internet: true }]);
  factory.pending.pop()?.answer();
  expect((await outcomeOf(message)).result).toEqual({ ok: true });
  factory.networkFault = new ContainerStartError('developer', 'Internet access needs slirp4netns.');
  const offline = await createAction({ name: 'offline', entity, limits: { logs: 0 } });
  const refused = await outcomeOf(await publish({ ...offline, content: '{"how":"ok"}' }));
  expect(refused.result).toEqual({ error: 'Internet access needs slirp4netns.' });
  expect(refused.record.response.statusCode).toBe(2);
});

test('a container that cannot be started is an error of the platform', async () => {
  const factory = await ScriptedFactory.open();
  factory.create = () => Promise.reject(new ContainerStartError('platform', 'out of luck'));
  const { createAction, invoke, invoker } = await open({ factory });
  const { result, record } = await invoke(await createAction());
  expect(result).toEqual({ error: 'Failed to provision resources to run the action.' });
  expect(record.response.statusCode).toBe(3);
  expect(invoker.snapshot().containers).toEqual([]);
});

describe('records', () => {
  test('are not kept where the namespace does not want them, but acknowledged', async () => {
    const { createAction, invoke, journal } = await open();
    const hello = await createAction();
    const user = anIdentity({ limits: { storeActivations: false } });
    const { result, record } = await invoke({ ...hello, user, content: '{"a":1}' });
    expect(result).toEqual({ a: 1 });
    expect(journal.finished).toEqual([]);
    expect(journal.discarded).toEqual([record.activationId]);
  });

  test('that cannot be written are never acknowledged, but written as soon as they can be', async () => {
    const { createAction, publish, completion, journal, acknowledgements } = await open();
    const hello = await createAction();
    const write = journal.finish.bind(journal);
    journal.finish = () => Promise.reject(new Error('disk full'));
    const { activationId } = await publish(hello);
    expect(await completion(activationId)).toMatchObject({ type: 'completion', unrecorded: true });
    expect(acknowledgements).toHaveLength(1);
    journal.finish = write;
    await until(() => journal.finished.length === 1);
    expect(acknowledgements).toHaveLength(1);
  });

  test('a durable intent whose start cannot be written does not run', async () => {
    const { createAction, publish, completion, journal } = await open();
    const hello = await createAction();
    journal.start = () => Promise.reject(new Error('disk full'));
    const { activationId } = await publish({ ...hello, durable: true });
    expect(await completion(activationId)).toMatchObject({ type: 'completion', unrecorded: true });
    expect(journal.finished).toEqual([]);
  });
});

describe('a drain', () => {
  const directory = mkdtempSync(join(tmpdir(), 'vbi-drain-'));
  afterAll(() => rmSync(directory, { recursive: true }));

  test('lets running activations end, and hands back those that wait', async () => {
    const { createAction, publish, invoker, journal } = await open({ config: { userMemoryMb: 256 } });
    const slow = await createAction({
      code: 'function main() { return new Promise((resolve) => setTimeout(() => resolve({ ok: true }), 200)) }',
    });
    const running = await publish(slow);
    const waiting = await publish(slow);
    await until(() => journal.started.length === 1);
    expect(await invoker.drain(20_000)).toEqual({ waiting: [waiting], running: [] });
    expect(journal.finished.map(({ activationId }) => activationId)).toEqual([running.activationId]);
  });

  test('gives up what does not end in time, and records nothing of it', async () => {
    const { createAction, publish, invoker, journal, close, acknowledgements } = await open();
    // The action runs as a user of its own.
    chmodSync(directory, 0o777);
    const begun = join(directory, 'begun');
    const code = `function main() {
      console.log('so far');
      require('fs').writeFileSync(${JSON.stringify(begun)}, '');
      return new Promise(() => {});
    }`;
    const endless = await createAction({ code });
    const running = await publish(endless);
    await until(() => existsSync(begun));
    const left = await invoker.drain(500);
    expect(left).toMatchObject({ waiting: [], running: [{ message: running, kind: 'nodejs:20' }] });
    const [run] = left.running;
    expect(run!.endedAt - run!.startedAt).toBeGreaterThan(0);
    expect(run!.logs).toEqual([expect.stringContaining('stdout: so far')]);
    await close();
    expect([journal.finished, acknowledgements]).toEqual([[], []]);
  });
});

describe('prewarmed containers', () => {
  const stemCells = [{ initialCount: 1, memory: '256 MB' }];
  const manifest = { runtimes: { nodejs: [{ kind: 'nodejs:20', image: { name: 'node' }, stemCells }] } };

  test('serve a first activation, and are replaced', async () => {
    const { createAction, invoke, invoker, starts } = await open({ manifest });
    await until(() => invoker.snapshot().containers[0]?.state === 'prewarmed');
    const [cell] = invoker.snapshot().containers;
    expect(cell).toMatchObject({ memoryMb: 256, active: 0 });
    const hello = await createAction();
    expect((await invoke({ ...hello, content: '{"a":1}' })).result).toEqual({ a: 1 });
    expect(starts('prewarmed')).toBe(1);
    await until(() => invoker.snapshot().containers.length === 2);
    const actions = invoker.snapshot().containers.map(({ action }) => action);
    expect(actions).toEqual(['guest/hello', undefined]);
  });

  test('give way to an activation that would otherwise wait for ever', async () => {
    const config = { userMemoryMb: 384, fairnessMs: 10 };
    const { createAction, invoke, invoker } = await open({ manifest, config });
    await until(() => invoker.snapshot().containers.length === 1);
    const other = await createAction({ limits: { memory: 384 } });
    expect((await invoke({ ...other, content: '{"b":1}' })).result).toEqual({ b: 1 });
  });
});
