import type { RuntimesManifest } from '@vibrissa/protocol';
import { settle } from '@vibrissa/testkit';
import { afterEach, expect, test } from 'vitest';
import { openInvoker, until, type InvokerFixture } from './invoker-fixture.ts';
import { ScriptedFactory } from './scripted-containers.ts';

const content = '{"how":"ok"}';

let fixture: InvokerFixture;

function cells(initialCount: number): RuntimesManifest {
  const stemCells = [{ initialCount, memory: '256 MB' }];
  return { runtimes: { nodejs: [{ kind: 'nodejs:20', image: { name: 'node' }, stemCells }] } };
}

/** A cluster that has less room than the pool thinks. */
async function open(clusterMb: number, manifest: RuntimesManifest = { runtimes: {} }) {
  const factory = await ScriptedFactory.open({ distant: true });
  factory.clusterMb = clusterMb;
  fixture = await openInvoker({ factory, manifest });
  const { createAction, publish, outcomeOf, invoker } = fixture;

  async function begin(name: string, memory = 256) {
    const action = await createAction({ name, limits: { logs: 0, memory } });
    return publish({ ...action, content });
  }

  /** Runs it to its end; gives its container. */
  async function run(name: string, memory = 256): Promise<string | undefined> {
    const message = await begin(name, memory);
    await until(() => factory.pending.length > 0);
    const pending = factory.pending.shift();
    pending?.answer();
    expect((await outcomeOf(message)).result).toEqual({ ok: true });
    return pending?.container.id;
  }

  const shown = () =>
    invoker.snapshot().containers.map(({ action, state }) => `${action ?? 'stem cell'} ${state}`);
  return { ...fixture, factory, begin, run, shown };
}

afterEach(() => fixture.close());

test('a container that fits nowhere gets the place of the least recently used one', async () => {
  const { run, shown } = await open(512);
  await run('first');
  await run('second');
  await run('third');
  expect(shown()).toEqual(['guest/second ready', 'guest/third ready']);
});

test('a container that fits nowhere gets the place of as many as have its memory', async () => {
  const { run, shown } = await open(768);
  await run('first');
  await run('second');
  await run('third');
  await run('big', 512);
  expect(shown()).toEqual(['guest/third ready', 'guest/big ready']);
});

test('a container that fits nowhere gets the place of stem cells where nothing is idle', async () => {
  const { begin, run, shown, factory } = await open(512, cells(1));
  await until(() => shown().includes('stem cell prewarmed'));
  await begin('busy', 128);
  await until(() => factory.pending.length === 1);
  const [busy] = factory.pending.splice(0);
  await run('big', 384);
  expect(shown().slice(0, 2)).toEqual(['guest/busy running', 'guest/big ready']);
  busy?.answer();
});

test('a container that fits nowhere gets the place of one that becomes idle, at once', async () => {
  const { begin, factory, outcomeOf, shown } = await open(256);
  const first = await begin('first');
  await until(() => factory.pending.length === 1);
  const second = await begin('second');
  await until(() => factory.lacking.size === 1);
  factory.pending.shift()?.answer();
  await outcomeOf(first);
  await until(() => factory.pending.length === 1);
  factory.pending.shift()?.answer();
  expect((await outcomeOf(second)).result).toEqual({ ok: true });
  expect(shown()).toEqual(['guest/second ready']);
});

test('no stem cells are made while an activation waits for room', async () => {
  const { begin, factory, outcomeOf, shown } = await open(512, cells(1));
  await until(() => shown().includes('stem cell prewarmed'));
  await begin('busy', 128);
  await until(() => factory.pending.length === 1);
  const big = await begin('big', 512);
  await until(() => !shown().includes('stem cell prewarmed'));
  for (let turn = 0; turn < 10; turn++) await settle();
  expect(shown()).toEqual(['guest/busy running', 'guest/big starting']);
  factory.pending.shift()?.answer();
  await until(() => factory.pending.length === 1);
  factory.pending.shift()?.answer();
  expect((await outcomeOf(big)).result).toEqual({ ok: true });
});

test('nothing gives way to a stem cell that fits nowhere, until an activation waits for it', async () => {
  const { run, shown, factory } = await open(256, cells(1));
  await until(() => shown().includes('stem cell prewarmed'));
  const first = await run('first');
  await until(() => factory.lacking.size === 1);
  await settle();
  expect(shown()).toEqual(['guest/first ready', 'stem cell starting']);
  expect(await run('first')).toBe(first);
  const [cell] = factory.lacking;
  expect(await run('second')).toBe(cell);
  expect(fixture.starts('prewarmed')).toBe(2);
});

test('stem cells that fit nowhere take nobody’s place: they are made again when there is room', async () => {
  const { run, shown, factory } = await open(256, cells(1));
  await until(() => shown().includes('stem cell prewarmed'));
  await run('first');
  await until(() => factory.lacking.size === 1);
  const [cell] = factory.lacking;
  await run('other', 128);
  await until(() => factory.lacking.size === 1);
  expect(factory.lacking).not.toContain(cell);
  expect(factory.made).not.toContain(cell);
  expect(shown()).toEqual(['guest/other ready', 'stem cell starting']);
  factory.idle[0]?.crash();
  await until(() => shown().includes('stem cell prewarmed'));
  expect(fixture.counts.get('counter_containerPool_illegalTransition_counter_total')).toBeUndefined();
});
