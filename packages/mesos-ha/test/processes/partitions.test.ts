import { afterEach, beforeAll, describe, expect, test } from 'vitest';

import type { FrameworkView } from '../../src/index.ts';
import type { InstanceProcess } from './instance-process.ts';
import { whyNoNamespaces } from './namespace-machines.ts';
import { Stage } from './stage.ts';
import { until } from './until.ts';

const why = whyNoNamespaces();

// Who leads is looked up right before it is cut off: on a busy machine it may lose its office by itself at any time.

/** Nothing passes between these and those. */
async function cutApart(stage: Stage, these: readonly InstanceProcess[], those: readonly InstanceProcess[]) {
  const pairs = these.flatMap((one) => those.map((other) => [one.machine, other.machine] as const));
  const { machines } = stage;
  await Promise.all(pairs.flatMap(([a, b]) => [machines.cut(a, b), machines.cut(b, a)]));
}

async function cutFromMesos(stage: Stage, instances: readonly InstanceProcess[]) {
  const { machines, mesos } = stage;
  const all = instances.flatMap(({ machine }) => [
    machines.cut(machine, mesos.machine),
    machines.cut(mesos.machine, machine),
  ]);
  await Promise.all(all);
}

/** All can be reached again: one leads, and all that was ever wanted runs as before. */
async function goesOn(stage: Stage, pids: ReadonlyMap<string, number>): Promise<void> {
  await stage.machines.heal();
  const leader = await stage.leader();
  await stage.run([`after-${[...pids.keys()].join('-')}`], leader);
  await stage.runsOnly(stage.wanted);
  expect(stage.pidsOf([...pids.keys()])).toEqual(pids);
  expect(await stage.violations()).toEqual([]);
}

describe.skipIf(why !== undefined)(
  `in networks that are cut (needs root, to make them; ${why ?? 'it is there'})`,
  () => {
    let stage: Stage;

    beforeAll(async () => {
      stage = await Stage.open({ canCut: true });
      await stage.startAll();
      return () => stage.close();
    });

    afterEach(async ({ task }) => {
      if (task.result?.state === 'fail') stage.tell();
      await stage.machines.heal();
    });

    test('a leader that reaches nobody is followed by one of the majority (#72)', async () => {
      const pids = await stage.run(['a', 'b'], stage.running[0]!);
      const former = await stage.leader();
      const others = stage.others(former);
      await Promise.all([cutApart(stage, [former], others), cutFromMesos(stage, [former])]);
      const next = await stage.leader(others);
      expect((await former.state()).framework.leads).toBe(false);
      await stage.run(['c'], next);
      await goesOn(stage, new Map([...pids, ...stage.pidsOf(['c'])]));
    });

    test('a leader that reaches Mesos and none of the others makes way, and does not come back (#72)', async () => {
      const pids = await stage.run(['d'], stage.running[0]!);
      const former = await stage.leader();
      const others = stage.others(former);
      await cutApart(stage, [former], others);
      await stage.leader(others);
      expect((await former.state()).framework.leads).toBe(false);
      await goesOn(stage, pids);
    });

    test('when only the minority sees the master, nobody is subscribed, and tasks go on (#72)', async () => {
      const pids = await stage.run(['e', 'f'], stage.running[0]!);
      const former = await stage.leader();
      const others = stage.others(former);
      await Promise.all([cutApart(stage, [former], others), cutFromMesos(stage, others)]);
      const { framework } = await until('the majority has a leader, which says what it lacks', async () => {
        const states = await Promise.all(others.map((one) => one.state()));
        const lacks = ({ problems }: FrameworkView) => problems.some(({ code }) => code === 'NO_MASTER');
        return states.find((state) => state.framework.leads && lacks(state.framework));
      });
      expect(framework.subscribed).toBe(false);
      await until('Mesos has no subscriber', async () =>
        (await stage.mesos.frameworks()).every(({ connected }) => !connected),
      );
      expect((await former.state()).framework.leads).toBe(false);
      expect(stage.pidsOf(['e', 'f'])).toEqual(pids);
      await goesOn(stage, pids);
    });

    test.each([
      ['whose words don’t reach the others', 'toward'],
      ['that doesn’t hear the others', 'from'],
    ] as const)('a leader %s makes way for another one (#72)', async (_, way) => {
      const pids = await stage.run([way], stage.running[0]!);
      const former = await stage.leader();
      const others = stage.others(former);
      for (const { machine } of others) {
        const [from, to] = way === 'toward' ? [former.machine, machine] : [machine, former.machine];
        await stage.machines.cut(from, to);
      }
      await stage.leader(others);
      expect((await former.state()).framework.leads).toBe(false);
      await goesOn(stage, pids);
    });

    test('a leader that alone does not see the master gives way to one that does (#72)', async () => {
      const pids = await stage.run(['g'], stage.running[0]!);
      const former = await stage.leader();
      const others = stage.others(former);
      await cutFromMesos(stage, [former]);
      const next = await stage.leader(others);
      expect((await former.state()).framework).toMatchObject({ leads: false });
      stage.wanted.push('h');
      expect(await next.submit(stage.task('h'))).toMatchObject({ status: 200 });
      await stage.runsOnly(stage.wanted);
      await stage.machines.heal();
      await goesOn(stage, new Map([...pids, ...stage.pidsOf(['h'])]));
    });

    test('two instances that are cut apart have no leader until they meet again (#73)', async () => {
      const stage = await Stage.withInstances({ instances: 2, canCut: true }, { withinMs: 500 });
      const [one, two] = stage.running;
      const pids = await stage.run(['a'], one!);
      await cutApart(stage, [one!], [two!]);
      for (const each of [one!, two!])
        await stage.sees(each, ({ cluster }) => cluster.standing === 'leaderless');
      await until('Mesos has no subscriber', async () =>
        (await stage.mesos.frameworks()).every(({ connected }) => !connected),
      );
      // What is asked for meanwhile waits, and fails in time: nobody can take it.
      expect(await one!.submit(stage.task('b'))).toMatchObject({ status: 409 });
      await goesOn(stage, pids);
    });
  },
);
