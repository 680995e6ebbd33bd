// P5 and P6: create to result, without and with a prewarmed container, against a bare `node runtime.js` from spawn to first answer.
import { BareRuntime } from '../lib/bare.js';
import { alternate } from '../lib/load.js';
import { Platform } from '../lib/platform.js';
import { progress, report } from '../lib/report.js';
import { median, medianWithInterval } from '../lib/statistics.js';

const code = 'function main(args) { return args; }';
const now = () => Number(process.hrtime.bigint()) / 1e6;
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

async function bareStart() {
  const started = now();
  const runtime = BareRuntime.start();
  const answer = await runtime.firstAnswer(code);
  const took = now() - started;
  if (answer.status !== 200) throw new Error(`wrong answer: ${answer.body}`);
  await runtime.stop();
  return took;
}

export async function run({ pairs, quick }) {
  const each = quick ? 3 : 10;
  await measure('cold-start', {
    goal: 1.5,
    pairs,
    each,
    settings: { 'containerPool.prewarm': false },
    settleMs: 0,
  });
  await measure('cold-start-prewarmed', {
    goal: 0.1,
    pairs,
    each: Math.min(each, 5),
    // Each call leaves a warm container behind: room for all of them, and for the prewarmed one.
    settings: { 'containerPool.userMemoryMb': 65_536 },
    settleMs: 250,
  });
}

async function measure(figure, { goal, pairs, each, settings, settleMs }) {
  const platform = await Platform.start(settings);
  let counter = 0;
  const platformStart = async () => {
    const name = `cold${counter++}`;
    await platform.createAction(name, { exec: { kind: 'nodejs:default', code } });
    await pause(settleMs);
    const started = now();
    const answer = await platform.invoke(name);
    const took = now() - started;
    if (answer.status !== 200 || !answer.body.includes('"initTime"'))
      throw new Error(`not a cold start: ${answer.status} ${answer.body}`);
    return took;
  };
  const block = (one) => async () => {
    const took = [];
    for (let index = 0; index < each; index++) took.push(await one());
    return median(took);
  };
  try {
    await block(platformStart)();
    await block(bareStart)();
    const results = await alternate(pairs, block(platformStart), block(bareStart), (n, of) =>
      progress(`${figure} ${n}/${of}`),
    );
    report({
      figure,
      unit: '× bare spawn to first answer',
      goal: { operator: '<=', bound: goal },
      ...medianWithInterval(results.map(({ a, b }) => a / b)),
      blocks: pairs,
      detail: results,
    });
    report({
      figure: `${figure}-ms`,
      unit: 'ms',
      ...medianWithInterval(results.map(({ a }) => a)),
      blocks: pairs,
    });
  } finally {
    await platform.stop();
  }
}
