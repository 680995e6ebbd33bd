// P3: a hundred and a thousand warm actions against one.
import { alternate, Crowd } from '../lib/load.js';
import { Platform } from '../lib/platform.js';
import { progress, report } from '../lib/report.js';
import { medianWithInterval } from '../lib/statistics.js';

const right = (answer) => {
  if (answer.status !== 200) throw new Error(`wrong answer: ${answer.status} ${answer.body}`);
};

export async function run({ pairs, calls, quick }) {
  const most = quick ? 100 : 1000;
  const platform = await Platform.start({
    'containerPool.userMemoryMb': 128 * (most + 64),
    'containerProxy.timeouts.pauseGrace': 3_600_000,
    'containerProxy.timeouts.idleContainer': 7_200_000,
  });
  try {
    for (let index = 0; index < most; index++) {
      await platform.createAction(`a${index}`, {
        exec: { kind: 'nodejs:default', code: 'function main(args) { return args; }' },
        limits: { memory: 128 },
      });
      right(await platform.invoke(`a${index}`));
      if (index % 20 === 0) progress(`many-actions: ${index} of ${most} warm`);
    }
    const crowd = (count, connections) =>
      Crowd.open({
        target: platform.target,
        requests: Array.from({ length: count }, (_, index) => platform.invocation(`a${index}`)),
        connections,
        check: right,
      });
    for (const count of quick ? [100] : [100, 1000]) await compare(count, { crowd, pairs, calls });
  } finally {
    await platform.stop();
  }
}

async function compare(count, { crowd, pairs, calls }) {
  const [one, many] = [await crowd(1, 1), await crowd(count, 1)];
  await many.run(Math.max(calls, count * 2));
  const latency = await alternate(
    pairs,
    () => many.run(calls),
    () => one.run(calls),
    (n, of) => progress(`many-actions ${count} p50 ${n}/${of}`),
  );
  report({
    figure: `many-actions-${count}-p50`,
    unit: '× one action',
    goal: { operator: '<=', bound: 1.1 },
    ...medianWithInterval(latency.map(({ a, b }) => a.p50 / b.p50)),
    blocks: pairs,
    detail: latency,
  });
  // Eight clients: with one action they share it, and so warm eight containers of it.
  const [oneEight, manyEight] = [await crowd(1, 8), await crowd(count, 8)];
  await oneEight.run(calls);
  await manyEight.run(Math.max(calls, count * 2));
  const rate = await alternate(
    pairs,
    () => manyEight.run(calls * 2),
    () => oneEight.run(calls * 2),
    (n, of) => progress(`many-actions ${count} rate ${n}/${of}`),
  );
  report({
    figure: `many-actions-${count}-throughput`,
    unit: '× one action',
    goal: { operator: '>=', bound: 0.95 },
    ...medianWithInterval(rate.map(({ a, b }) => a.perSecond / b.perSecond)),
    blocks: pairs,
    detail: rate,
  });
  for (const each of [one, many, oneEight, manyEight]) each.close();
}
