import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

import type { ClusterView } from '@vibrissa/cluster';
import { expect, test } from 'vitest';

import type { FrameworkView } from '../src/index.ts';
import { eventually, FrameworkKit } from './framework-kit.ts';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const APP = '/mesos-ha-framework';
/** Shorter than usual; long enough that a busy machine doesn't end a lease again and again. */
const timing = {
  heartbeatMs: 150,
  electionMinMs: 1200,
  electionMaxMs: 2000,
  leaseMs: 900,
  probeMs: 400,
  foundingMarginMs: 300,
  seedsFoundingMs: 150,
  seedsLaterMs: 5000,
  replaceAfterMs: 5000,
};

type Shown = ClusterView & { readonly framework: FrameworkView };

/** Three instances as Marathon starts them from the definition that is delivered, on one machine. */
async function runApp(kit: FrameworkKit): Promise<NonNullable<typeof kit.simulator.marathon>> {
  const marathon = kit.simulator.marathon!;
  const delivered = JSON.parse(
    readFileSync(`${root}deploy/marathon/mesos-ha-framework.json`, 'utf8'),
  ) as object;
  await marathon.run({
    ...delivered,
    id: APP,
    cmd: `exec ${process.execPath} ${root}examples/mesos-ha-framework/main.js`,
    fetch: [],
    constraints: [],
    env: {
      MESOS_MASTER: kit.simulator.url,
      MARATHON_URL: marathon.url,
      CLUSTER_SECRET: 'only for this test, and long',
      TIMING: JSON.stringify(timing),
    },
  });
  return marathon;
}

async function shown(kit: FrameworkKit): Promise<readonly Shown[]> {
  const { tasks } = await kit.simulator.marathon!.app(APP);
  const answers = (tasks as readonly { host: string; ports: readonly number[] }[]).map(
    async ({ host, ports }) => {
      const answer = await fetch(`http://${host}:${ports[1]}/cluster`);
      return (await answer.json()) as Shown;
    },
  );
  return Promise.all(answers);
}

/** Resolves with what all three say when they agree on a leader that is subscribed and has three tasks running. */
async function agreed(kit: FrameworkKit): Promise<readonly Shown[]> {
  let all: readonly Shown[] = [];
  await eventually(async () => {
    all = await shown(kit);
    const leaders = new Set(all.map(({ leader }) => leader?.id));
    return (
      all.length === 3 &&
      leaders.size === 1 &&
      all.every(({ framework }) => framework.subscribed && framework.tasks.running === 3)
    );
  });
  return all;
}

test('the example that is delivered forms a cluster under Marathon, and outlives its leader (#70)', async () => {
  const kit = await FrameworkKit.open({ agents: 3, marathon: true });
  const marathon = await runApp(kit);
  const [first] = await agreed(kit);
  const leader = first!.leader!.id;
  const pids = (await kit.runningInMesos()).filter(({ name }) => name.startsWith('sleep-'));
  const { tasks } = await marathon.app(APP);
  const all = await shown(kit);
  const slot = all.findIndex(({ self }) => self.id === leader);
  await marathon.killTask((tasks as readonly { id: string }[])[slot]!.id);
  await eventually(async () => (await shown(kit)).some((one) => one.leader && one.leader.id !== leader));
  const after = await agreed(kit);
  expect(after.map(({ framework }) => framework.id)).toEqual(all.map(({ framework }) => framework.id));
  const still = (await kit.runningInMesos()).filter(({ name }) => name.startsWith('sleep-'));
  const ids = (some: typeof still) => some.map(({ task_id }) => task_id.value).toSorted();
  expect(ids(still)).toEqual(ids(pids));
});
