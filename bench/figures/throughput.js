// P4: warm blocking no-op invocations a second against a bare node:http JSON echo on the same cores.
import { helperProcess } from '../lib/bare.js';
import { alternate, Crowd } from '../lib/load.js';
import { cpuOf, family, Platform } from '../lib/platform.js';
import { progress, report } from '../lib/report.js';
import { medianWithInterval } from '../lib/statistics.js';

const right = (answer) => {
  if (answer.status !== 200 || !answer.body.includes('"name":"you"'))
    throw new Error(`wrong answer: ${answer.status} ${answer.body}`);
};

export async function run({ pairs, seconds }) {
  const platform = await Platform.start();
  const echo = await helperProcess('./echo-server.js');
  try {
    await platform.createAction('noop', {
      exec: { kind: 'nodejs:default', code: 'function main(args) { return args; }' },
    });
    const connections = 8;
    const ours = await Crowd.open({
      target: platform.target,
      requests: [platform.invocation('noop')],
      connections,
      check: right,
    });
    const bare = await Crowd.open({
      target: echo,
      requests: [{ path: '/', body: '{"name":"you"}' }],
      connections,
      check: right,
    });
    await ours.run(5000);
    await bare.run(20_000);
    const calls = {
      ours: Math.ceil((await ours.run(5000)).perSecond * seconds),
      bare: Math.ceil((await bare.run(20_000)).perSecond * seconds),
    };
    const cpuBefore = cpuOf(family(platform.pid));
    const results = await alternate(
      pairs,
      () => ours.run(calls.ours),
      () => bare.run(calls.bare),
      (n, of) => progress(`throughput ${n}/${of}`),
    );
    const cpu = (cpuOf(family(platform.pid)) - cpuBefore) / (pairs * calls.ours);
    ours.close();
    bare.close();
    report({
      figure: 'throughput',
      unit: '× node:http echo',
      goal: { operator: '>=', bound: 0.3 },
      ...medianWithInterval(results.map(({ a, b }) => a.perSecond / b.perSecond)),
      blocks: pairs,
      detail: results,
    });
    report({
      figure: 'throughput-rate',
      unit: 'invocations/s',
      ...medianWithInterval(results.map(({ a }) => a.perSecond)),
      blocks: pairs,
    });
    report({
      figure: 'throughput-cpu',
      unit: 'CPU ms per invocation, all processes',
      value: cpu,
      ci95: [cpu, cpu],
      blocks: 1,
    });
  } finally {
    await echo.stop();
    await platform.stop();
  }
}
