import { writeFileSync } from 'node:fs';

import { seededRandom } from '@vibrissa/testkit';
import { expect, onTestFinished, test } from 'vitest';

import type { InstanceProcess } from './instance-process.ts';
import { Proxy } from './proxy.ts';
import { Stage } from './stage.ts';
import { until } from './until.ts';

const PORT = 7946;
const PROXY_PORT = 7947;

/** Three instances that reach each other by proxies only, and Mesos by further ones. */
async function proxied(stage: Stage, random: () => number) {
  const mesos = new URL(stage.mesos.url);
  const machines = await Promise.all([1, 2, 3].map(() => stage.machines.add()));
  writeFileSync(stage.seeds, machines.map(({ address }) => `${address}:${PROXY_PORT}\n`).join(''));
  const all = machines.map(async (machine) => {
    const listen = { host: machine.address, port: PORT };
    const advertise = { host: machine.address, port: PROXY_PORT };
    const front = await Proxy.open(advertise, listen, random);
    const toMesos = await Proxy.open(
      { host: machine.address, port: 5050 },
      { host: mesos.hostname, port: Number(mesos.port) },
      random,
    );
    onTestFinished(async () => void (await Promise.all([front.close(), toMesos.close()])));
    const instance = await stage.start(machine, { advertise, masters: `http://${machine.address}:5050` });
    return [instance, { front, toMesos }] as const;
  });
  return new Map<InstanceProcess, { readonly front: Proxy; readonly toMesos: Proxy }>(await Promise.all(all));
}

test('where everything comes late and a tenth gets lost, a leader is found, and another one when it is killed', async () => {
  const stage = await Stage.forTest();
  const proxies = await proxied(stage, seededRandom(1));
  for (const { front, toMesos } of proxies.values()) {
    for (const way of [front.toward, front.back, toMesos.toward, toMesos.back]) {
      Object.assign(way, { delayMs: 5, jitterMs: 15, loss: way === front.toward ? 0.1 : 0.02 });
    }
  }
  const leader = await stage.isWhole();
  const pids = await stage.run(['a', 'b'], leader);
  await leader.kill();
  await stage.run(['c'], await stage.leader());
  await stage.runsOnly(['a', 'b', 'c']);
  expect(stage.pidsOf(['a', 'b'])).toEqual(pids);
  expect(await stage.violations()).toEqual([]);
});

test('a leader that nothing reaches any more makes way, and follows when it hears again (#72)', async () => {
  const stage = await Stage.forTest();
  const proxies = await proxied(stage, seededRandom(1));
  await stage.isWhole();
  const pids = await stage.run(['a'], stage.running[0]!);
  const former = await stage.leader();
  const others = stage.others(former);
  const { front } = proxies.get(former)!;
  front.toward.isShut = front.back.isShut = true;
  await stage.leader(others);
  expect((await former.state()).framework.leads).toBe(false);
  front.toward.isShut = front.back.isShut = false;
  await until('it follows', async () => (await former.state()).cluster.standing === 'following');
  await stage.run(['b'], former);
  await stage.runsOnly(['a', 'b']);
  expect(stage.pidsOf(['a'])).toEqual(pids);
  expect(await stage.violations()).toEqual([]);
});
