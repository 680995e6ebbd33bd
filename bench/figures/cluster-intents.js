// Intents to launch tasks, a second, as the leader of three processes keeps them: gathered by the Mesos client's state, as an entry of the
// log for each, and as changes of a hundred keys.
import { Trio } from '../lib/cluster-trio.js';
import { progress, report } from '../lib/report.js';
import { medianWithInterval } from '../lib/statistics.js';

const ways = {
  'cluster-intents': { way: 'batched', crowd: 256 },
  'cluster-intents-apart': { way: 'apart', crowd: 256 },
  'cluster-intents-at-once': { way: 'at-once', keys: 100 },
};

export async function run({ quick, pairs }) {
  const count = quick ? 2000 : 10_000;
  const blocks = pairs;
  const trio = await Trio.start({ timing: 'default' });
  try {
    const { slot } = await trio.untilWhole();
    const leader = trio.peers[slot];
    const results = Object.fromEntries(Object.keys(ways).map((figure) => [figure, []]));
    for (let round = 0; round <= blocks; round++) {
      for (const [figure, wanted] of Object.entries(ways)) {
        const { perSecond } = await leader.ask('intents', { ...wanted, count, round: `${figure}-${round}` });
        // The first one is warm-up.
        if (round > 0) results[figure].push(perSecond);
      }
      progress(`cluster-intents ${round}/${blocks}`);
    }
    for (const [figure, values] of Object.entries(results)) {
      report({
        figure,
        unit: 'intents/s',
        goal: { operator: '>=', bound: 2000 },
        ...medianWithInterval(values),
        blocks,
        detail: values,
      });
    }
  } finally {
    await trio.stop();
  }
}
