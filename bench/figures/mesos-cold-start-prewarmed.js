// A cold start that takes a stem cell, where that is a command task of Mesos, against one where it is a sandbox of the platform.
import { alternate } from '../lib/load.js';
import { CommandCluster, untilPrewarmed } from '../lib/mesos-platform.js';
import { nowMs } from '../lib/mesos-process.js';
import { Platform } from '../lib/platform.js';
import { progress, report } from '../lib/report.js';
import { median, medianWithInterval } from '../lib/statistics.js';

const EACH = 3;
const SETTLE_MS = 250;
const code = 'function main(args) { return args; }';
// Each call leaves a warm container behind: room for all of them, and for the stem cell.
const settings = { 'containerPool.userMemoryMb': 65_536 };
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** The median of some starts; `settled` resolves when the next one finds a stem cell. */
function block(platform, settled) {
  let counter = 0;
  return async () => {
    const took = [];
    for (let index = 0; index < EACH; index++) {
      const name = `cold${counter++}`;
      await platform.createAction(name, { exec: { kind: 'nodejs:default', code } });
      await settled(platform);
      await pause(SETTLE_MS);
      const startedMs = nowMs();
      const answer = await platform.invoke(name);
      took.push(nowMs() - startedMs);
      if (answer.status !== 200 || !answer.body.includes('"initTime"'))
        throw new Error(`not a cold start: ${answer.status} ${answer.body}`);
    }
    return median(took);
  };
}

export async function run({ pairs }) {
  const platforms = [];
  const cluster = await CommandCluster.start({ agents: 3 });
  try {
    platforms.push(await cluster.platform(settings));
    platforms.push(await Platform.start(settings));
    const onMesos = block(platforms[0], untilPrewarmed);
    const withSandboxes = block(platforms[1], async () => {});
    for (const once of [onMesos, withSandboxes]) await once();
    const results = await alternate(pairs, onMesos, withSandboxes, (n, of) =>
      progress(`mesos-cold-start-prewarmed ${n}/${of}`),
    );
    report({
      figure: 'mesos-cold-start-prewarmed',
      unit: '× cold start with a prewarmed sandbox',
      goal: { operator: '<=', bound: 1.2 },
      ...medianWithInterval(results.map(({ a, b }) => a / b)),
      blocks: pairs,
      detail: results,
    });
    report({
      figure: 'mesos-cold-start-prewarmed-ms',
      unit: 'ms',
      ...medianWithInterval(results.map(({ a }) => a)),
      blocks: pairs,
    });
  } finally {
    for (const platform of platforms) await platform.stop();
    await cluster.stop();
  }
}
