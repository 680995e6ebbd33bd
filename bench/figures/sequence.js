// A sequence of five actions against five blocking invocations of the same action, one after another.
import { alternate, Crowd } from '../lib/load.js';
import { Platform } from '../lib/platform.js';
import { progress, report } from '../lib/report.js';
import { medianWithInterval } from '../lib/statistics.js';

const LENGTH = 5;

const right = (answer) => {
  if (answer.status !== 200 || !answer.body.includes('"name":"you"'))
    throw new Error(`wrong answer: ${answer.status} ${answer.body}`);
};

export async function run({ pairs, calls }) {
  const platform = await Platform.start({ 'containerPool.prewarm': false });
  try {
    await platform.createAction('noop', {
      exec: { kind: 'nodejs:default', code: 'function main(args) { return args; }' },
    });
    await platform.createAction('five', {
      exec: { kind: 'sequence', components: Array.from({ length: LENGTH }, () => '/_/noop') },
    });
    const open = (name) =>
      Crowd.open({ target: platform.target, requests: [platform.invocation(name)], check: right });
    const [sequence, direct] = [await open('five'), await open('noop')];
    for (const crowd of [direct, sequence]) await crowd.run(calls);
    const ratios = await alternate(
      pairs,
      () => sequence.run(Math.ceil(calls / LENGTH)),
      () => direct.run(calls),
      (n, of) => progress(`sequence ${n}/${of}`),
    );
    for (const crowd of [sequence, direct]) crowd.close();
    report({
      figure: 'sequence',
      unit: `× p50 of ${LENGTH} blocking calls`,
      goal: { operator: '<=', bound: 1.2 },
      ...medianWithInterval(ratios.map(({ a, b }) => a.p50 / (LENGTH * b.p50))),
      blocks: pairs,
      detail: ratios,
    });
  } finally {
    await platform.stop();
  }
}
