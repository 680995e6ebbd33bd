// Many warm actions against one: latency of one client, throughput of eight.
import { alternate, Crowd } from './load.js';
import { Platform } from './platform.js';
import { progress, report } from './report.js';
import { medianWithInterval } from './statistics.js';

const right = (answer) => {
  if (answer.status !== 200) throw new Error(`wrong answer: ${answer.status} ${answer.body}`);
};

/**
 * `nameOf(index)` gives the actions their names; `prepare(platform, count)` makes what those need. The one action that
 * the many are compared with is `one`, in no package.
 */
export async function compareManyActions({ pairs, calls, quick }, { figure, nameOf, prepare }) {
  const most = quick ? 100 : 1000;
  const platform = await Platform.start({
    'containerPool.userMemoryMb': 128 * (most + 64),
    'containerProxy.timeouts.pauseGrace': 3_600_000,
    'containerProxy.timeouts.idleContainer': 7_200_000,
  });
  try {
    await prepare?.(platform, most);
    const warm = async (name) => {
      await platform.createAction(name, {
        exec: { kind: 'nodejs:default', code: 'function main(args) { return args; }' },
        limits: { memory: 128 },
      });
      right(await platform.invoke(name));
    };
    await warm('one');
    for (let index = 0; index < most; index++) {
      await warm(nameOf(index));
      if (index % 20 === 0) progress(`${figure}: ${index} of ${most} warm`);
    }
    const crowd = (names, connections) =>
      Crowd.open({
        target: platform.target,
        requests: names.map((name) => platform.invocation(name)),
        connections,
        check: right,
      });
    for (const count of quick ? [100] : [100, 1000]) {
      const names = Array.from({ length: count }, (_, index) => nameOf(index));
      await compare(`${figure}-${count}`, { crowd, names, pairs, calls });
    }
  } finally {
    await platform.stop();
  }
}

async function compare(figure, { crowd, names, pairs, calls }) {
  const count = names.length;
  const [one, many] = [await crowd(['one'], 1), await crowd(names, 1)];
  await many.run(Math.max(calls, count * 2));
  const latency = await alternate(
    pairs,
    () => many.run(calls),
    () => one.run(calls),
    (n, of) => progress(`${figure} p50 ${n}/${of}`),
  );
  report({
    figure: `${figure}-p50`,
    unit: '× one action',
    goal: { operator: '<=', bound: 1.1 },
    ...medianWithInterval(latency.map(({ a, b }) => a.p50 / b.p50)),
    blocks: pairs,
    detail: latency,
  });
  // Eight clients: with one action they share it, and so warm eight containers of it.
  const [oneEight, manyEight] = [await crowd(['one'], 8), await crowd(names, 8)];
  await oneEight.run(calls);
  await manyEight.run(Math.max(calls, count * 2));
  const rate = await alternate(
    pairs,
    () => manyEight.run(calls * 2),
    () => oneEight.run(calls * 2),
    (n, of) => progress(`${figure} rate ${n}/${of}`),
  );
  report({
    figure: `${figure}-throughput`,
    unit: '× one action',
    goal: { operator: '>=', bound: 0.95 },
    ...medianWithInterval(rate.map(({ a, b }) => a.perSecond / b.perSecond)),
    blocks: pairs,
    detail: rate,
  });
  for (const each of [one, many, oneEight, manyEight]) each.close();
}
