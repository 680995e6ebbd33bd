import type { RuntimesManifest } from '@vibrissa/protocol';
import fc from 'fast-check';
import { settle } from '@vibrissa/testkit';
import { expect, test } from 'vitest';
import type { InvokerConfig } from '../../src/invoker/invoker-config.ts';
import { openInvoker, until, type InvokerFixture } from './invoker-fixture.ts';
import { ScriptedFactory } from './scripted-containers.ts';

const content = '{"how":"ok"}';

function cells(initialCount: number): RuntimesManifest {
  const stemCells = [{ initialCount, memory: '256 MB' }];
  return { runtimes: { nodejs: [{ kind: 'nodejs:20', image: { name: 'node' }, stemCells }] } };
}

const noCells: RuntimesManifest = { runtimes: {} };

/** The lives of one invoker, one after the other, on the same containers. */
async function openLives() {
  const factory = await ScriptedFactory.open({ distant: true });
  let life: InvokerFixture | undefined;
  async function begin(
    manifest: RuntimesManifest,
    config: Partial<InvokerConfig> = {},
  ): Promise<InvokerFixture> {
    if (life) {
      await life.invoker.close();
      await life.bus.close();
    }
    return (life = await openInvoker({ factory, manifest, config }));
  }
  return { factory, begin, end: () => life?.close() };
}

async function runOne(
  { publish, outcomeOf, createAction }: InvokerFixture,
  factory: ScriptedFactory,
  name = 'hello',
) {
  const message = await publish({ ...(await createAction({ name, limits: { logs: 0 } })), content });
  await until(() => factory.pending.length > 0);
  const run = factory.pending.shift();
  run?.answer();
  return { outcome: await outcomeOf(message), container: run?.container };
}

function states({ invoker }: InvokerFixture): readonly string[] {
  return invoker.snapshot().containers.map(({ state }) => state);
}

test('a stop leaves what is idle, and the next start goes on with it', async () => {
  const { factory, begin, end } = await openLives();
  const first = await begin(cells(1));
  await until(() => states(first).includes('prewarmed'));
  const { container } = await runOne(first, factory);
  await until(() => states(first).filter((state) => state === 'prewarmed').length === 1);
  const before = factory.containers.map(({ id }) => id);
  const second = await begin(cells(1));
  const snapshot = second.invoker.snapshot().containers;
  expect(snapshot.map(({ name, state, action }) => [name, state, action])).toEqual([
    [container?.id, 'ready', 'guest/hello'],
    [expect.stringContaining('_prewarm_'), 'prewarmed', undefined],
  ]);
  expect(factory.containers.map(({ id }) => id)).toEqual(before);
  const again = await runOne(second, factory);
  expect(again.container).toBe(container);
  expect(again.outcome.record).not.toHaveProperty('initTime');
  expect([second.starts('warmed'), second.starts('cold'), second.starts('prewarmed')]).toEqual([1, 0, 0]);
  const other = await runOne(second, factory, 'other');
  expect([other.container?.id, second.starts('prewarmed')]).toEqual([
    before.find((id) => id !== container?.id),
    1,
  ]);
  await until(() => second.invoker.snapshot().containers.length === 3);
  const names = second.invoker.snapshot().containers.map(({ name }) => name.split('_')[1]);
  expect(new Set(names).size).toBe(3);
  expect(factory.violations).toEqual([]);
  await end();
});

test('a stop ends what is busy', async () => {
  const { factory, begin, end } = await openLives();
  const first = await begin(noCells);
  const idle = await runOne(first, factory);
  await first.publish({ ...(await first.createAction({ name: 'endless', limits: { logs: 0 } })), content });
  await until(() => factory.pending.length === 1);
  expect(factory.containers).toHaveLength(2);
  await first.invoker.drain(1);
  await first.invoker.close();
  expect(factory.containers).toEqual([idle.container]);
  await end();
});

test('what does not fit into the memory of the next start, or into its stem cells, is destroyed', async () => {
  const { factory, begin, end } = await openLives();
  const first = await begin(cells(3));
  await until(() => states(first).filter((state) => state === 'prewarmed').length === 3);
  const warm = [(await runOne(first, factory)).container, (await runOne(first, factory, 'other')).container];
  await until(() => states(first).filter((state) => state === 'prewarmed').length === 3);
  const fewer = await begin(cells(1));
  expect(states(fewer).toSorted()).toEqual(['prewarmed', 'ready', 'ready']);
  expect(factory.containers).toHaveLength(3);
  const smaller = await begin(cells(1), { userMemoryMb: 256 });
  expect(states(smaller)).toEqual(['ready']);
  expect(factory.containers).toHaveLength(1);
  expect(warm).toContain(factory.containers[0]);
  await end();
});

test('a container that dies while it is taken over is not kept', async () => {
  const { factory, begin, end } = await openLives();
  await runOne(await begin(noCells), factory);
  const recover = factory.recover!;
  Object.assign(factory, {
    recover: async () => {
      const recovered = await recover();
      factory.containers[0]?.crash();
      return recovered;
    },
  });
  const second = await begin(noCells);
  await until(() => second.invoker.snapshot().containers.length === 0);
  expect((await runOne(second, factory)).outcome.result).toEqual({ ok: true });
  await end();
});

test('after any history of lives the pool knows every container, and none serves two actions or is initialised twice', async () => {
  const step = fc.constantFrom('hello', 'other', 'third', 'answer', 'crash', 'restart');
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 30 }), async (steps) => {
      const { factory, begin, end } = await openLives();
      let life = await begin(cells(1));
      for (const action of [...steps, 'restart']) {
        if (action === 'restart') {
          factory.pending.length = 0;
          life = await begin(cells(1));
        } else if (action === 'answer') factory.pending.shift()?.answer();
        else if (action === 'crash') factory.idle[0]?.crash();
        else {
          const created = await life.createAction({ name: action, limits: { logs: 0 } });
          await life.publish({ ...created, content });
        }
        await settle();
      }
      await until(() => states(life).every((state) => state === 'ready' || state === 'prewarmed'));
      const known = life.invoker.snapshot().containers.map(({ name }) => name);
      expect(known.toSorted()).toEqual(factory.containers.map(({ id }) => id).toSorted());
      expect(new Set(known).size).toBe(known.length);
      const { outcome } = await runOne(life, factory);
      expect(outcome.result).toEqual({ ok: true });
      expect(factory.violations).toEqual([]);
      expect(factory.highestMemoryMb).toBeLessThanOrEqual(2048);
      expect(life.counts.get('counter_containerPool_illegalTransition_counter_total')).toBeUndefined();
      await end();
      expect(factory.memoryMb).toBe(0);
    }),
    { numRuns: 40 },
  );
});
