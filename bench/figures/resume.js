// P14: what thawing a paused container adds to a warm call.
import { Crowd } from '../lib/load.js';
import { Platform } from '../lib/platform.js';
import { progress, report } from '../lib/report.js';
import { median, medianWithInterval } from '../lib/statistics.js';

const right = (answer) => {
  if (answer.status !== 200 || answer.body.includes('"initTime"'))
    throw new Error(`wrong answer: ${answer.status} ${answer.body}`);
};
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

export async function run({ pairs, quick }) {
  const graceMs = 50;
  const each = quick ? 5 : 15;
  const platform = await Platform.start({ 'containerProxy.timeouts.pauseGrace': graceMs });
  try {
    await platform.createAction('noop', {
      exec: { kind: 'nodejs:default', code: 'function main(args) { return args; }' },
    });
    await platform.invoke('noop');
    const crowd = await Crowd.open({
      target: platform.target,
      requests: [platform.invocation('noop')],
      check: right,
    });
    const added = [];
    for (let round = 0; round < pairs; round++) {
      const [thawed, warm] = [[], []];
      for (let index = 0; index < each; index++) {
        await pause(graceMs * 3);
        thawed.push((await crowd.run(1)).p50);
        await pause(graceMs / 5); // as idle a client and core, but not yet frozen
        warm.push((await crowd.run(1)).p50);
      }
      added.push(median(thawed) - median(warm));
      progress(`resume ${round + 1}/${pairs}`);
    }
    crowd.close();
    report({
      figure: 'resume',
      unit: 'ms on top of a warm call',
      goal: { operator: '<=', bound: 1 },
      ...medianWithInterval(added),
      blocks: pairs,
      detail: added,
    });
  } finally {
    await platform.stop();
  }
}
