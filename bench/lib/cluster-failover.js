// The leading process of three is killed, again and again; from the signal to SUBSCRIBED of another one.
import { Trio } from './cluster-trio.js';
import { nowMs, Peer } from './mesos-process.js';
import { progress, report } from './report.js';
import { median, medianWithInterval, seededRandom } from './statistics.js';

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

async function killLeader(trio, before) {
  const others = [0, 1, 2].filter((slot) => slot !== before.slot);
  const startedMs = nowMs();
  const taken = Promise.race(
    others.map((slot) => trio.peers[slot].ask('untilSubscribed', { after: before.epoch })),
  );
  await trio.peers[before.slot].kill();
  const { atMs, frameworkId } = await taken;
  if (frameworkId !== before.frameworkId)
    throw new Error(`framework ${before.frameworkId} is ${frameworkId} now`);
  await trio.open(before.slot);
  return atMs - startedMs;
}

/**
 * `figure`: its name; `timing`: of the cluster; `kills`; `restMs`: at most so long, at random, before each, so that it
 * strikes at any moment between two heartbeats; `goals`: in milliseconds.
 */
export async function measureFailover({ figure, timing, kills, restMs, goals }) {
  const random = seededRandom(7);
  const simulator = await Peer.start('./mesos-simulator.js');
  const { url } = await simulator.ask('start', { agents: 1 });
  const trio = await Trio.start({ timing, url });
  try {
    const results = [];
    for (let kill = 0; kill < kills; kill++) {
      const before = await trio.untilWhole();
      await pause(restMs * random());
      const milliseconds = await killLeader(trio, before);
      const after = await trio.untilWhole();
      results.push({ milliseconds, electedMs: after.tookMs, epochs: after.epoch - before.epoch });
      progress(`${figure} ${kill + 1}/${kills}: ${milliseconds.toFixed(0)} ms`);
    }
    const values = results.map(({ milliseconds }) => milliseconds);
    report({
      figure,
      unit: `ms to SUBSCRIBED, p50 of ${kills} kills`,
      goal: { operator: '<=', bound: goals.p50 },
      ...medianWithInterval(values),
      blocks: kills,
      detail: results,
    });
    const most = Math.max(...values);
    report({
      figure: `${figure}-most`,
      unit: `ms at most; elected after ${median(results.map(({ electedMs }) => electedMs)).toFixed(0)}`,
      ...(goals.most === undefined ? {} : { goal: { operator: '<=', bound: goals.most } }),
      value: most,
      ci95: [most, most],
      blocks: kills,
    });
  } finally {
    await trio.stop();
    await simulator.ask('stop');
    await simulator.stop();
  }
}
