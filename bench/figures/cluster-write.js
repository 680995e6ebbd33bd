// One write after the other, asked of the leader and of a follower: on the disks of two of three processes, and known where it was asked.
// Beside it the least that this takes: a frame to another process, which syncs it and answers.
import path from 'node:path';
import { Trio } from '../lib/cluster-trio.js';
import { alternate } from '../lib/load.js';
import { Peer } from '../lib/mesos-process.js';
import { progress, report } from '../lib/report.js';
import { medianWithInterval } from '../lib/statistics.js';

const VALUE_BYTES = 200;
/** Of a packet that carries such a write to a follower. */
const FRAME_BYTES = 800;

export async function run({ pairs, calls: most }) {
  const calls = most / 2;
  const trio = await Trio.start({ timing: 'default' });
  const echo = await Peer.start('./cluster-echo.js');
  try {
    const port = await echo.ask('listen', { file: path.join(trio.directory, 'echo'), bytes: FRAME_BYTES });
    const { slot } = await trio.untilWhole();
    const leader = trio.peers[slot];
    const follower = trio.peers[(slot + 1) % 3];
    const written = async () => {
      const here = await leader.ask('writes', { calls, bytes: VALUE_BYTES });
      const there = await follower.ask('writes', { calls: calls / 4, bytes: VALUE_BYTES });
      return { here, there };
    };
    const bare = () => leader.ask('bare', { port, calls, bytes: FRAME_BYTES });
    await written();
    await bare();
    const results = await alternate(pairs, written, bare, (n, of) => progress(`cluster-write ${n}/${of}`));
    const after = await trio.untilWhole();
    if (after.slot !== slot)
      throw new Error('another instance leads now: half of it was asked of a follower');
    reportAll(results, pairs);
  } finally {
    await trio.stop();
    await echo.stop();
  }
}

function reportAll(results, blocks) {
  const tell = (figure, unit, value, more = {}) =>
    report({ figure, unit, ...medianWithInterval(results.map(value)), blocks, ...more });
  tell('cluster-write', 'ms on the leader, p99', ({ a }) => a.here.p99, {
    goal: { operator: '<=', bound: 5 },
    detail: results,
  });
  tell('cluster-write-p50', 'ms on the leader, p50', ({ a }) => a.here.p50);
  tell('cluster-write-bare', '× p50 of a bare sync and round trip', ({ a, b }) => a.here.p50 / b.p50);
  tell('cluster-write-bare-p99', 'ms, p99 of a bare sync and round trip', ({ b }) => b.p99);
  tell('cluster-write-bare-p50', 'ms, p50 of a bare sync and round trip', ({ b }) => b.p50);
  tell('cluster-write-follower', 'ms on a follower, p99', ({ a }) => a.there.p99);
  tell('cluster-write-follower-p50', 'ms on a follower, p50', ({ a }) => a.there.p50);
}
