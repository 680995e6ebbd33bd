// Fifty instances with default settings, in a network of their own: what they send when nothing happens, and how soon all of them know
// that one of them was killed.
import { nowMs, Peer } from '../lib/mesos-process.js';
import { progress, report } from '../lib/report.js';
import { medianWithInterval } from '../lib/statistics.js';

const ALL = 50;
const LIMIT_MS = 120_000;
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

async function untilWhole(crowd) {
  const deadlineMs = nowMs() + LIMIT_MS;
  for (;;) {
    const states = await crowd.ask('states');
    const isWhole =
      states.filter(({ leads }) => leads).length === 1 &&
      states.every(
        ({ alive, leads, standing }) => alive === ALL && standing === (leads ? 'leading' : 'following'),
      );
    if (isWhole) return;
    if (nowMs() > deadlineMs) throw new Error(`they never came together: ${JSON.stringify(states)}`);
    await pause(100);
  }
}

/** Bytes a second that a member sends, as the network counts them, and those of gossip alone. */
async function measureTraffic(crowd, seconds) {
  const before = await crowd.ask('traffic');
  await pause(seconds * 1000);
  const after = await crowd.ask('traffic');
  const memberSeconds = (ALL * (after.atMs - before.atMs)) / 1000;
  return {
    all: (after.loopbackBytes - before.loopbackBytes) / memberSeconds,
    // One of the members is in another process, and not counted.
    gossip: ((after.datagramBytes - before.datagramBytes) / memberSeconds) * (ALL / (ALL - 1)),
  };
}

export async function run({ quick, seconds }) {
  const kills = quick ? 3 : 12;
  const crowd = await Peer.start('./cluster-crowd.js', { within: ['unshare', '--net'] });
  try {
    await crowd.ask('network');
    await crowd.ask('open', { from: 0, count: ALL - 1, all: ALL });
    const known = [];
    const traffic = [];
    const wrong = [];
    const killed = new Set();
    for (let kill = 0; kill < kills; kill++) {
      const id = await crowd.ask('openChild', { index: ALL - 1, all: ALL });
      await untilWhole(crowd);
      await crowd.ask('takeDeaths');
      // What is new is passed on for some rounds.
      await pause(seconds * 1000);
      traffic.push(await measureTraffic(crowd, seconds));
      const killedMs = await crowd.ask('killChild');
      const seen = await crowd.ask('untilDead', { id, withinMs: LIMIT_MS });
      known.push({ first: Math.min(...seen) - killedMs, all: Math.max(...seen) - killedMs });
      killed.add(id);
      wrong.push((await crowd.ask('takeDeaths')).filter((dead) => !killed.has(dead)).length);
      progress(
        `cluster-gossip ${kill + 1}/${kills}: ${JSON.stringify({ ...known.at(-1), ...traffic.at(-1) })}`,
      );
    }
    reportAll({ known, traffic, wrong });
  } finally {
    await crowd.stop();
  }
}

function reportAll({ known, traffic, wrong }) {
  const blocks = known.length;
  const tell = (figure, unit, values, goal) =>
    report({
      figure,
      unit,
      ...medianWithInterval(values),
      blocks,
      detail: values,
      ...(goal === undefined ? {} : { goal: { operator: '<=', bound: goal } }),
    });
  const all = known.map((one) => one.all);
  const most = Math.max(...all);
  tell('cluster-gossip', `ms until all ${ALL} know of a death`, all, 5000);
  report({
    figure: 'cluster-gossip-most',
    unit: `ms at most of ${blocks}`,
    goal: { operator: '<=', bound: 5000 },
    value: most,
    ci95: [most, most],
    blocks,
  });
  tell(
    'cluster-gossip-first',
    'ms until the first one knows',
    known.map(({ first }) => first),
  );
  const errors = wrong.reduce((sum, one) => sum + one, 0);
  report({
    figure: 'cluster-gossip-wrong',
    unit: 'members that lived were taken for dead in all that time',
    value: errors,
    ci95: [errors, errors],
    blocks,
  });
  tell(
    'cluster-gossip-bytes',
    'bytes/s a member sends, idle',
    traffic.map((one) => one.all),
    5000,
  );
  tell(
    'cluster-gossip-datagrams',
    'bytes/s of them gossip',
    traffic.map((one) => one.gossip),
  );
}
