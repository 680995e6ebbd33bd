// A warm blocking invocation where the container is a command task of Mesos, against one where it is a sandbox of the platform.
import { alternate, Crowd } from '../lib/load.js';
import { CommandCluster } from '../lib/mesos-platform.js';
import { Platform } from '../lib/platform.js';
import { progress, report } from '../lib/report.js';
import { medianWithInterval } from '../lib/statistics.js';

const settings = { 'containerPool.prewarm': false };

const right = (answer) => {
  if (answer.status !== 200 || !answer.body.includes('"name":"you"'))
    throw new Error(`wrong answer: ${answer.status} ${answer.body}`);
};

async function crowdOf(platform) {
  await platform.createAction('noop', {
    exec: { kind: 'nodejs:default', code: 'function main(args) { return args; }' },
  });
  return Crowd.open({ target: platform.target, requests: [platform.invocation('noop')], check: right });
}

export async function run({ pairs, calls }) {
  const platforms = [];
  const cluster = await CommandCluster.start({ agents: 1 });
  try {
    platforms.push(await cluster.platform(settings));
    platforms.push(await Platform.start(settings));
    const [onMesos, withSandboxes] = await Promise.all(platforms.map(crowdOf));
    for (const crowd of [onMesos, withSandboxes]) await crowd.run(calls);
    const results = await alternate(
      pairs,
      () => onMesos.run(calls),
      () => withSandboxes.run(calls),
      (n, of) => progress(`mesos-warm ${n}/${of}`),
    );
    for (const crowd of [onMesos, withSandboxes]) crowd.close();
    report({
      figure: 'mesos-warm',
      unit: '× p50 with sandboxes',
      goal: { operator: '<=', bound: 1.1 },
      ...medianWithInterval(results.map(({ a, b }) => a.p50 / b.p50)),
      blocks: pairs,
      detail: results,
    });
    report({
      figure: 'mesos-warm-added',
      unit: 'ms over sandboxes, p50',
      ...medianWithInterval(results.map(({ a, b }) => a.p50 - b.p50)),
      blocks: pairs,
    });
  } finally {
    for (const platform of platforms) await platform.stop();
    await cluster.stop();
  }
}
