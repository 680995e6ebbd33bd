import { expect, test } from 'vitest';

import { Stage, timing } from './stage.ts';

const HOUR_MS = 3_600_000;
/** Nobody loses its office but by a clock: a machine that has much else to do stands still for less. */
const patient = { ...timing, heartbeatMs: 300, leaseMs: 2500, electionMinMs: 3200, electionMaxMs: 4500 };

test('wall clocks that are an hour off, and jump while they lead, change nothing (#78)', async () => {
  const stage = await Stage.forTest();
  const machines = await Promise.all([1, 2, 3].map(() => stage.machines.add()));
  stage.list(machines);
  const skews = [0, HOUR_MS, -HOUR_MS];
  const start = async (index: number) =>
    stage.start(machines[index]!, { skewMs: skews[index]!, timing: patient });
  await Promise.all([0, 1, 2].map(start));
  const leader = await stage.isWhole();
  const pids = await stage.run(['a'], leader);
  const { cluster } = await leader.state();
  for (const [id, jumpMs] of [
    ['b', HOUR_MS],
    ['c', -2 * HOUR_MS],
  ] as const) {
    await leader.jumpClock(jumpMs);
    await stage.run([id], leader);
  }
  const after = await (await stage.leader()).state();
  expect(after.cluster.leader?.epoch).toBe(cluster.leader?.epoch);
  await leader.kill();
  const next = await stage.leader();
  await stage.run(['d'], next);
  expect(await next.delete('b')).toMatchObject({ status: 200 });
  await stage.runsOnly(['a', 'c', 'd']);
  expect(stage.pidsOf(['a'])).toEqual(pids);
  expect(await stage.violations()).toEqual([]);
});
