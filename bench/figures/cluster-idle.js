// What an instance of a framework has resident when nothing happens: the leader, which is subscribed, and those that follow. Beside it a
// process of Node that does nothing.
import { Trio } from '../lib/cluster-trio.js';
import { Peer } from '../lib/mesos-process.js';
import { progress, report } from '../lib/report.js';
import { medianWithInterval } from '../lib/statistics.js';

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

export async function run({ quick, pairs }) {
  const blocks = Math.max(2, pairs / 4);
  const restMs = quick ? 5000 : 20_000;
  const simulator = await Peer.start('./mesos-simulator.js');
  const { url } = await simulator.ask('start', { agents: 1 });
  const results = [];
  try {
    for (let block = 0; block < blocks; block++) {
      const bare = await Peer.start('./bare-node.js');
      const trio = await Trio.start({ timing: 'default', url });
      try {
        await pause(restMs);
        const { slot } = await trio.untilWhole();
        const [leader, ...followers] = [0, 1, 2].map((next) => trio.peers[(slot + next) % 3].residentMb());
        results.push({ leader, followers, node: bare.residentMb() });
      } finally {
        await trio.stop();
        await bare.stop();
      }
      progress(`cluster-idle ${block + 1}/${blocks}`);
    }
  } finally {
    await simulator.ask('stop');
    await simulator.stop();
  }
  reportAll(results);
}

function reportAll(results) {
  const tell = (figure, unit, value, more = {}) =>
    report({ figure, unit, ...medianWithInterval(results.map(value)), blocks: results.length, ...more });
  const larger = ({ followers }) => Math.max(...followers.map(({ all }) => all));
  tell('cluster-idle', 'MB resident, leader, subscribed', ({ leader }) => leader.all, {
    goal: { operator: '<=', bound: 60 },
    detail: results,
  });
  tell('cluster-idle-follower', 'MB resident, the larger follower', larger, {
    goal: { operator: '<=', bound: 60 },
  });
  tell('cluster-idle-node', 'MB of it that Node alone has', ({ node }) => node.all);
  tell('cluster-idle-own', "MB of the leader that are no files' pages", ({ leader }) => leader.own);
}
