// P13: non-blocking accepts a second with the durable journal against durability off, and what durability adds to a blocking call.
import { alternate, Crowd } from '../lib/load.js';
import { Platform } from '../lib/platform.js';
import { progress, report } from '../lib/report.js';
import { medianWithInterval } from '../lib/statistics.js';

const accepted = (answer) => {
  if (answer.status !== 202) throw new Error(`wrong answer: ${answer.status} ${answer.body}`);
};
const right = (answer) => {
  if (answer.status !== 200) throw new Error(`wrong answer: ${answer.status} ${answer.body}`);
};

async function open(durability) {
  const platform = await Platform.start({ 'journal.durability': durability });
  await platform.createAction('noop', {
    exec: { kind: 'nodejs:default', code: 'function main(args) { return args; }' },
  });
  const crowd = await Crowd.open({
    target: platform.target,
    requests: [platform.invocation('noop', '{"name":"you"}', 'blocking=false')],
    connections: 64,
    check: accepted,
  });
  const blocking = await Crowd.open({
    target: platform.target,
    requests: [platform.invocation('noop')],
    check: right,
  });
  await blocking.run(500);
  const acceptBlock = async (calls) => {
    const result = await crowd.run(calls);
    await platform.untilIdle();
    return result;
  };
  return { platform, acceptBlock, blocking };
}

export async function run({ pairs, calls }) {
  const [durable, off] = [await open('on'), await open('off')];
  try {
    await durable.acceptBlock(calls);
    await off.acceptBlock(calls);
    const accepts = await alternate(
      pairs,
      () => durable.acceptBlock(calls),
      () => off.acceptBlock(calls),
      (n, of) => progress(`durable-accept ${n}/${of}`),
    );
    report({
      figure: 'durable-accept',
      unit: '× accepts/s with durability off',
      goal: { operator: '>=', bound: 0.9 },
      ...medianWithInterval(accepts.map(({ a, b }) => a.perSecond / b.perSecond)),
      blocks: pairs,
      detail: accepts,
    });
    report({
      figure: 'durable-accept-rate',
      unit: 'accepts/s',
      ...medianWithInterval(accepts.map(({ a }) => a.perSecond)),
      blocks: pairs,
    });
    const blocking = await alternate(
      pairs,
      () => durable.blocking.run(calls),
      () => off.blocking.run(calls),
      (n, of) => progress(`durable-accept, blocking ${n}/${of}`),
    );
    report({
      figure: 'durable-accept-blocking',
      unit: '× p50 with durability off',
      goal: { operator: '<=', bound: 1.05 },
      ...medianWithInterval(blocking.map(({ a, b }) => a.p50 / b.p50)),
      blocks: pairs,
      detail: blocking,
    });
  } finally {
    await durable.platform.stop();
    await off.platform.stop();
  }
}
