import fc from 'fast-check';
import { defaultSystemLimits, type ActivationMessage } from '@vibrissa/protocol';
import { anIdentity, settle } from '@vibrissa/testkit';
import { expect, test } from 'vitest';
import { openInvoker, until } from './invoker-fixture.ts';
import { ScriptedFactory, type Behaviour } from './scripted-containers.ts';

const USER_MEMORY_MB = 1024;

const actions = {
  small: { memory: 128, concurrency: 1 },
  middle: { memory: 256, concurrency: 1 },
  shared: { memory: 128, concurrency: 3 },
  big: { memory: 1024, concurrency: 1 },
  capped: { memory: 128, concurrency: 1, instances: 1 },
} as const;

const users = {
  guest: anIdentity(),
  other: anIdentity({ namespace: { name: 'other', uuid: 'ffffffff-71f6-4ed5-8c54-816aa4f8c502' } }),
};

type Step =
  | {
      readonly do: 'invoke';
      readonly action: keyof typeof actions;
      readonly user: keyof typeof users;
      readonly how: Behaviour;
    }
  | { readonly do: 'answer'; readonly pick: number }
  | { readonly do: 'crash-idle'; readonly pick: number }
  /** Of containers elsewhere: what one has written can be fetched from now on; one's agent is lost. */
  | { readonly do: 'show' | 'lose-idle'; readonly pick: number }
  | { readonly do: 'let-time-pass' };

const how = fc.constantFrom<Behaviour>(
  'ok',
  'ok',
  'ok',
  'application-error',
  'developer-error',
  'shutting-down',
  'dies',
);

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constant('invoke' as const),
      action: fc.constantFrom<keyof typeof actions>('small', 'middle', 'shared', 'big', 'capped'),
      user: fc.constantFrom<keyof typeof users>('guest', 'other'),
      how,
    }),
  },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('answer' as const), pick: fc.nat(20) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('crash-idle' as const), pick: fc.nat(20) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('let-time-pass' as const) }) },
);

const stepElsewhere: fc.Arbitrary<Step> = fc.oneof(
  { weight: 8, arbitrary: step },
  {
    weight: 3,
    arbitrary: fc.record({ do: fc.constantFrom('show' as const, 'show', 'lose-idle'), pick: fc.nat(20) }),
  },
);

interface Place {
  readonly distant: boolean;
  /** What a cluster has for all containers, where that is less than the pool thinks. */
  readonly clusterMb?: number;
}

async function runHistory(steps: readonly Step[], { distant, clusterMb }: Place) {
  const factory = await ScriptedFactory.open({ distant });
  if (clusterMb !== undefined) factory.clusterMb = clusterMb;
  factory.showsLate = true;
  const limits = {
    ...defaultSystemLimits,
    memory: { minMb: 128, stdMb: 256, maxMb: 2048 },
    concurrencyLimit: { min: 1, std: 1, max: 10 },
  };
  const userMemoryMb = clusterMb === undefined ? USER_MEMORY_MB : 2 * clusterMb;
  const config = { userMemoryMb, fairnessMs: 1, limits, maxAttempts: 10 };
  const fixture = await openInvoker({ factory, config });
  const known = new Map<string, Awaited<ReturnType<typeof fixture.createAction>>>();
  for (const [name, own] of Object.entries(actions)) {
    known.set(name, await fixture.createAction({ name, limits: { ...own, logs: distant ? 1 : 0 } }));
  }
  const messages: ActivationMessage[] = [];
  let mostCapped = 0;
  for (const action of steps) {
    if (action.do === 'invoke') {
      const content = JSON.stringify({ how: action.how });
      // Each user may have as many containers of it.
      const user = action.action === 'capped' ? users.guest : users[action.user];
      messages.push(await fixture.publish({ ...known.get(action.action), user, content }));
    } else if (action.do === 'answer') {
      const index = action.pick % Math.max(1, factory.pending.length);
      factory.pending.splice(index, 1)[0]?.answer();
    } else if (action.do === 'crash-idle') {
      const { idle } = factory;
      idle[action.pick % Math.max(1, idle.length)]?.crash();
    } else if (action.do === 'lose-idle') {
      const { idle } = factory;
      idle[action.pick % Math.max(1, idle.length)]?.vanish('The agent is lost.');
    } else if (action.do === 'show') {
      const { containers } = factory;
      containers[action.pick % Math.max(1, containers.length)]?.files?.show();
    } else await new Promise((resolve) => setTimeout(resolve, 2));
    await settle();
    const isCapped = (found: { readonly action?: string }) => found.action === 'guest/capped';
    mostCapped = Math.max(mostCapped, fixture.invoker.snapshot().containers.filter(isCapped).length);
  }
  const { finished } = fixture.journal;
  await until(() => {
    for (const run of factory.pending.splice(0)) run.answer();
    for (const { files } of factory.containers) files?.show();
    return finished.length === messages.length && fixture.journal.logs.size === messages.length;
  });
  const completions = fixture.acknowledgements.map((ack) =>
    ack.type === 'combined' ? ack.record.activationId : '',
  );
  const snapshot = fixture.invoker.snapshot();
  const { logs } = fixture.journal;
  await fixture.close();
  return { factory, messages, finished, completions, snapshot, logs, mostCapped, counts: fixture.counts };
}

async function expectOrder(steps: readonly Step[], place: Place) {
  const history = await runHistory(steps, place);
  const { factory, messages, finished, completions, snapshot, counts } = history;
  const ids = messages.map(({ activationId }) => activationId).sort();
  expect(finished.map(({ activationId }) => activationId).sort()).toEqual(ids);
  expect([...completions].sort()).toEqual(ids);
  for (const [id, runs] of factory.runs) expect(runs, id).toBe(1);
  expect(factory.violations).toEqual([]);
  expect(snapshot.waiting).toBe(0);
  expect(history.mostCapped).toBeLessThanOrEqual(1);
  expect(snapshot.containers.filter(({ active }) => active > 0)).toEqual([]);
  expect(counts.get('counter_containerPool_illegalTransition_counter_total')).toBeUndefined();
  expect(factory.memoryMb).toBe(0);
  return history;
}

test('after any history every activation has one record, ran at most once, and memory was never exceeded', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
      const { factory } = await expectOrder(steps, { distant: false });
      expect(factory.highestMemoryMb).toBeLessThanOrEqual(USER_MEMORY_MB);
    }),
    { numRuns: 60 },
  );
});

test('the same holds elsewhere, and each has the lines that it wrote, and no others, whenever they came', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(stepElsewhere, { maxLength: 60 }), async (steps) => {
      const { factory, messages, logs } = await expectOrder(steps, { distant: true });
      expect(factory.highestMemoryMb).toBeLessThanOrEqual(USER_MEMORY_MB);
      const linesOf = (id: string) =>
        (logs.get(id) ?? []).map((line) => line.slice(31)).filter((line) => /: (out|err) /.test(line));
      expect([...logs.keys()].flatMap(linesOf).toSorted()).toEqual(factory.lines.toSorted());
      for (const { activationId, action } of messages) {
        // Those that run at the same time in a container share its streams.
        if (action.name === 'shared') continue;
        const own = factory.lines.filter((line) => line.endsWith(activationId));
        expect(linesOf(activationId)).toEqual(own);
      }
    }),
    { numRuns: 120 },
  );
});

test('the same holds in a cluster that has less room than the pool may use', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(stepElsewhere, { maxLength: 60 }), async (steps) => {
      const { factory } = await expectOrder(steps, { distant: true, clusterMb: USER_MEMORY_MB });
      expect(factory.highestMemoryMb).toBeLessThanOrEqual(USER_MEMORY_MB);
      expect(factory.lacking.size).toBe(0);
    }),
    { numRuns: 60 },
  );
});

test('an action has no more containers than its limit of instances, and no other action waits for that', async () => {
  const factory = await ScriptedFactory.open();
  const { publish, createAction, outcomeOf, invoker, close } = await openInvoker({
    factory,
    config: { userMemoryMb: 1024, fairnessMs: 1 },
  });
  const capped = await createAction({ name: 'capped', limits: { memory: 256, logs: 0, instances: 2 } });
  const other = await createAction({ name: 'other', limits: { memory: 256, logs: 0 } });
  const [ok, bad] = ['{"how":"ok"}', '{"how":"developer-error"}'];
  const waiting = await Promise.all(
    [bad, ok, ok, ok, bad, ok].map((content) => publish({ ...capped, content })),
  );
  const passing = await publish({ ...other, content: ok });
  await until(() => factory.pending.some(({ activationId }) => activationId === passing.activationId));
  expect(invoker.snapshot()).toMatchObject({ waiting: 4 });
  expect(factory.made).toHaveLength(3);
  let most = 0;
  const all = Promise.all([...waiting, passing].map(outcomeOf));
  let isOver = false;
  void all.then(() => (isOver = true));
  await until(() => {
    const own = factory.pending.filter(({ activationId }) => activationId !== passing.activationId);
    most = Math.max(most, own.length);
    factory.pending.shift()?.answer();
    return isOver;
  });
  expect(most).toBe(2);
  await close();
});

test('a big activation is served although small ones keep coming, and they do not wait for it', async () => {
  const factory = await ScriptedFactory.open();
  const { publish, createAction, outcomeOf, close } = await openInvoker({
    factory,
    config: { userMemoryMb: 512, fairnessMs: 1 },
  });
  const small = await createAction({ name: 'small', limits: { memory: 128, logs: 0 } });
  const big = await createAction({ name: 'big', limits: { memory: 512, logs: 0 } });
  const content = '{"how":"ok"}';
  const smallOnes = await Promise.all([1, 2, 3, 4].map(() => publish({ ...small, content })));
  const bigOne = await publish({ ...big, content });
  let bigIsDone = false;
  const done = outcomeOf(bigOne).then(() => (bigIsDone = true));
  let later = 0;
  while (!bigIsDone) {
    const run = factory.pending.shift();
    run?.answer();
    if (run && run.activationId !== bigOne.activationId) {
      smallOnes.push(await publish({ ...small, content }));
      later += 1;
    }
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  await done;
  expect(later).toBeGreaterThan(3);
  const rest = Promise.all(smallOnes.map(outcomeOf));
  let all = false;
  void rest.then(() => (all = true));
  await until(() => {
    for (const run of factory.pending.splice(0)) run.answer();
    return all;
  });
  expect((await rest).every(({ record }) => record.response.statusCode === 0)).toBe(true);
  await close();
});

test('an activation whose containers all turn out dead is given up in the end', async () => {
  const factory = await ScriptedFactory.open();
  const { invoke, createAction, close, counts } = await openInvoker({ factory, config: { maxAttempts: 3 } });
  const action = await createAction({ limits: { logs: 0 } });
  factory.refusesOnce = () => true;
  const outcome = invoke({ ...action, content: '{"how":"shutting-down"}' });
  let ended = false;
  void outcome.then(() => (ended = true));
  await until(() => {
    for (const run of factory.pending.splice(0)) run.answer();
    return ended;
  });
  expect((await outcome).record.response).toMatchObject({ statusCode: 2 });
  expect(counts.get('counter_containerPool_rescheduledActivation_counter_total')).toBe(3);
  await close();
});
