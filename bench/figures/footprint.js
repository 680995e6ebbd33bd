// P12: RSS of the platform's processes (not of the actions') over a million invocations, and its slope.
import { Crowd } from '../lib/load.js';
import { family, memoryOf, Platform } from '../lib/platform.js';
import { progress, report } from '../lib/report.js';
import { medianWithInterval } from '../lib/statistics.js';
import { readFileSync } from 'node:fs';

const right = (answer) => {
  if (answer.status !== 200) throw new Error(`wrong answer: ${answer.status} ${answer.body}`);
};

const helpers = (platform) =>
  family(platform.pid).filter(
    (pid) => pid !== platform.pid && readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('spawner'),
  );

/** Resident bytes of the platform and of its spawner; pages that both share (Node's own program) are counted once. */
const resident = (platform) =>
  memoryOf([platform.pid], 'Rss') +
  memoryOf(helpers(platform), 'Private_Clean') +
  memoryOf(helpers(platform), 'Private_Dirty');

export async function run({ quick }) {
  const total = quick ? 50_000 : 1_000_000;
  const step = total / 20;
  const platform = await Platform.start();
  try {
    await platform.createAction('noop', {
      exec: { kind: 'nodejs:default', code: 'function main(args) { return args; }' },
    });
    const crowd = await Crowd.open({
      target: platform.target,
      requests: [platform.invocation('noop')],
      connections: 8,
      check: right,
    });
    const samples = [];
    for (let done = 0; done < total; done += step) {
      await crowd.run(step);
      samples.push({
        done: done + step,
        rss: resident(platform),
        main: memoryOf([platform.pid], 'Rss'),
      });
      progress(`footprint ${done + step} of ${total}: ${(samples.at(-1).rss / 2 ** 20).toFixed(0)} MiB`);
    }
    crowd.close();
    const mebibytes = samples.map(({ rss }) => rss / 2 ** 20);
    const last = mebibytes.slice(-5);
    report({
      figure: 'footprint',
      unit: 'MiB RSS after all',
      goal: { operator: '<=', bound: 200 },
      ...medianWithInterval(last),
      blocks: last.length,
      detail: samples,
    });
    // The second half only: the first fills caches and the young generation.
    const half = samples.slice(samples.length / 2);
    const slopes = [];
    for (let index = 5; index < half.length; index++) {
      slopes.push(
        (half[index].rss - half[index - 5].rss) /
          2 ** 20 /
          ((half[index].done - half[index - 5].done) / 100_000),
      );
    }
    report({
      figure: 'footprint-slope',
      unit: 'MiB per 100,000',
      goal: { operator: '<=', bound: 1 },
      ...medianWithInterval(slopes),
      blocks: slopes.length,
    });
  } finally {
    await platform.stop();
  }
}
