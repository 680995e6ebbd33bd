// What one instance asks of the map, and the least that a write takes; in the process of that instance.
import { connect } from 'node:net';
import { nowMs } from './mesos-process.js';
import { agentId, taskSpec } from './mesos-words.js';
import { quantile } from './statistics.js';

const withinMs = 5000;
const quantiles = (values) => ({ p50: quantile(values, 0.5), p99: quantile(values, 0.99) });

/** One write after the other; each must be read here when it has resolved. */
export async function measureWrites(cluster, { calls, bytes }) {
  const values = [];
  for (let call = 0; call < calls; call++) {
    const value = { call, text: 'w'.repeat(bytes) };
    const startedMs = nowMs();
    const { version } = await cluster.map.write({ put: { written: value } }, { withinMs });
    values.push(nowMs() - startedMs);
    const found = cluster.map.get('written');
    if (found?.value.call !== call || found.version !== version)
      throw new Error(`write ${call} has resolved and is not there: ${JSON.stringify(found)}`);
  }
  return quantiles(values);
}

/** One frame there and back, which was synced to a disk in between: nothing but that. */
export async function measureBare({ port, calls, bytes }) {
  const socket = connect({ host: '127.0.0.1', port, noDelay: true });
  await new Promise((resolve, reject) => {
    socket.once('connect', resolve);
    socket.once('error', reject);
  });
  const frame = Buffer.alloc(bytes, 'b');
  const values = [];
  for (let call = 0; call < calls; call++) {
    const startedMs = nowMs();
    const answered = new Promise((resolve) => socket.once('data', resolve));
    socket.write(frame);
    const answer = await answered;
    if (String(answer) !== 'k') throw new Error(`the echo said ${answer}`);
    values.push(nowMs() - startedMs);
  }
  socket.destroy();
  return quantiles(values);
}

/** What is kept of a task that is about to be launched: as long as a real record. */
const recordOf = (id, round) => ({
  id,
  mesosTaskId: `${id}-${round}`,
  attempt: 1,
  spec: { ...taskSpec(id), labels: { team: 'team', version: '1.24.3', note: 'n'.repeat(200) } },
  placement: { agentId: agentId(17), hostname: '10.1.0.17', ports: { 'port-0': 31_007 } },
  launchedAtMs: 1_795_336_671_789,
});

const ways = {
  /** As the Mesos client's state does it: what comes while a write is under way goes with the next one. */
  async batched(cluster) {
    const { ReplicatedFrameworkState } = await import('@vibrissa/mesos-ha');
    const { epoch } = cluster.lease.current;
    const state = new ReplicatedFrameworkState({ map: cluster.map, epoch, withinMs });
    return (_, record) => state.write({ put: [record] });
  },
  /** An entry of the log for each. */
  apart: (cluster) => (id, record) => cluster.map.write({ put: { [`task/${id}`]: record } }, { withinMs }),
};

/** `crowd` of them wait at any time; the tasks are always the same, so that the map does not grow. */
async function crowded(cluster, { way, count, crowd, round }) {
  const write = await ways[way](cluster);
  let begun = 0;
  const one = async () => {
    while (begun < count) {
      const id = `task-${begun++}`;
      await write(id, recordOf(id, round));
    }
  };
  await Promise.all(Array.from({ length: crowd }, one));
}

async function atOnce(cluster, { count, keys, round }) {
  for (let from = 0; from < count; from += keys) {
    const ids = Array.from({ length: Math.min(keys, count - from) }, (_, index) => `task-${from + index}`);
    const put = Object.fromEntries(ids.map((id) => [`task/${id}`, recordOf(id, round)]));
    await cluster.map.write({ put }, { withinMs });
  }
}

/** Records a second; all of this round must be there in the end. */
export async function measureIntents(cluster, wanted) {
  const { way, count, round } = wanted;
  const startedMs = nowMs();
  await (way === 'at-once' ? atOnce(cluster, wanted) : crowded(cluster, wanted));
  const milliseconds = nowMs() - startedMs;
  const right = [...cluster.map.entries('task/').values()].filter(({ value }) =>
    value.mesosTaskId.endsWith(`-${round}`),
  ).length;
  if (right !== count) throw new Error(`${right} of ${count} records are there after round ${round}`);
  return { perSecond: (count / milliseconds) * 1000 };
}
