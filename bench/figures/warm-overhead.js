// P1: a warm blocking invocation against a bare reverse proxy with the same kind of sandboxed container behind it.
import { helperProcess, initRequest, runRequest } from '../lib/bare.js';
import { once } from '../lib/http-client.js';
import { alternate, Crowd } from '../lib/load.js';
import { cpuOf, family, Platform } from '../lib/platform.js';
import { progress, report } from '../lib/report.js';
import { medianWithInterval } from '../lib/statistics.js';

const right = (answer) => {
  if (answer.status !== 200 || !answer.body.includes('"name":"you"'))
    throw new Error(`wrong answer: ${answer.status} ${answer.body}`);
};

export async function run({ pairs, calls }) {
  const platform = await Platform.start({ 'containerPool.prewarm': false });
  const proxy = await helperProcess('./proxy-with-container.js');
  try {
    await platform.createAction('noop', {
      exec: { kind: 'nodejs:default', code: 'function main(args) { return args; }' },
    });
    await once(proxy, initRequest());
    const through = await Crowd.open({
      target: platform.target,
      requests: [platform.invocation('noop')],
      check: right,
    });
    const bare = await Crowd.open({ target: proxy, requests: [runRequest()], check: right });
    const direct = await Crowd.open({
      target: { path: proxy.socketPath },
      requests: [runRequest()],
      check: right,
    });
    for (const crowd of [through, bare, direct]) await crowd.run(calls);

    const cpuBefore = cpuOf(family(platform.pid));
    const ratios = await alternate(
      pairs,
      () => through.run(calls),
      () => bare.run(calls),
      (n, of) => progress(`warm-overhead ${n}/${of}`),
    );
    const cpu = (cpuOf(family(platform.pid)) - cpuBefore) / (pairs * calls);
    const added = await alternate(
      pairs,
      () => through.run(calls),
      () => direct.run(calls),
      (n, of) => progress(`warm-overhead, added ${n}/${of}`),
    );
    for (const crowd of [through, bare, direct]) crowd.close();

    report({
      figure: 'warm-overhead',
      unit: '× two-hop proxy p50',
      goal: { operator: '<=', bound: 1.2 },
      ...medianWithInterval(ratios.map(({ a, b }) => a.p50 / b.p50)),
      blocks: pairs,
      detail: ratios,
    });
    report({
      figure: 'warm-overhead-added',
      unit: 'ms over a direct POST',
      goal: { operator: '<=', bound: 0.3 },
      ...medianWithInterval(added.map(({ a, b }) => a.p50 - b.p50)),
      blocks: pairs,
      detail: added,
    });
    report({
      figure: 'warm-overhead-cpu',
      unit: 'CPU ms per invocation, all processes',
      value: cpu,
      ci95: [cpu, cpu],
      blocks: 1,
    });
  } finally {
    await proxy.stop();
    await platform.stop();
  }
}
