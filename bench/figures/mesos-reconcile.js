// A framework with 100,000 running tasks starts again: from SUBSCRIBED to the last of the master's 200,000 answers (each task is asked
// about by name, then all that the master knows), and the most memory that its process ever had.
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { Peer } from '../lib/mesos-process.js';
import { progress, report } from '../lib/report.js';
import { medianWithInterval } from '../lib/statistics.js';

const AGENTS = 10_000;
const FAILED_EVERY = 1000;

/** Has the tasks launched by the client itself, so that the stored state is one of its own. */
async function launchAll(master, { url, directory, count }) {
  const client = await Peer.start('./mesos-client.js');
  try {
    await client.ask('open', { url, directory });
    await client.ask('subscribe');
    await client.ask('submitAlike', { count, prefix: 'service' });
    const each = Math.ceil(count / AGENTS);
    await master.ask('offer', { count: AGENTS, cpus: each * 0.1 + 1, mem: each * 128 + 1024 });
    await client.ask('untilTold', { state: 'TASK_RUNNING', count });
    await client.ask('close');
  } finally {
    await client.stop();
  }
}

async function restart(master, { url, directory, count, failed }) {
  const client = await Peer.start('./mesos-client.js');
  try {
    const restored = await client.ask('open', { url, directory });
    if (restored !== count) throw new Error(`${restored} tasks were restored, of ${count}`);
    const result = await client.ask('reconcile');
    const answered = await master.ask('reconciled');
    const isRight =
      result.running === count - failed &&
      result.told.TASK_FAILED === failed &&
      result.told.TASK_RUNNING === 0 &&
      result.warnings.length === 0 &&
      answered.explicit >= count &&
      answered.implicit === count;
    if (!isRight) throw new Error(`wrong: ${JSON.stringify({ result, answered })}`);
    return { seconds: result.milliseconds / 1000, peakMb: client.peakMb };
  } finally {
    await client.stop();
  }
}

export async function run({ quick, pairs }) {
  const count = quick ? 10_000 : 100_000;
  const blocks = Math.max(2, pairs / 4);
  const directory = mkdtempSync(path.join(os.tmpdir(), 'vibrissa-bench-'));
  const stored = path.join(directory, 'stored');
  const master = await Peer.start('./mesos-master.js');
  try {
    const { url } = await master.ask('listen');
    await launchAll(master, { url, directory: stored, count });
    await master.ask('reconciled');
    const failed = await master.ask('fail', { every: FAILED_EVERY });
    const results = [];
    for (let block = 0; block < blocks; block++) {
      const copy = path.join(directory, `copy-${block}`);
      // Without the lock, which is a socket.
      cpSync(stored, copy, { recursive: true, filter: (name) => !path.basename(name).startsWith('lock') });
      results.push(await restart(master, { url, directory: copy, count, failed }));
      rmSync(copy, { recursive: true });
      progress(`mesos-reconcile ${block + 1}/${blocks}`);
    }
    report({
      figure: 'mesos-reconcile',
      unit: `s for ${count} tasks`,
      goal: { operator: '<=', bound: 10 },
      ...medianWithInterval(results.map(({ seconds }) => seconds)),
      blocks,
      detail: results,
    });
    report({
      figure: 'mesos-reconcile-memory',
      unit: 'MB RSS at most',
      goal: { operator: '<=', bound: 300 },
      ...medianWithInterval(results.map(({ peakMb }) => peakMb)),
      blocks,
    });
  } finally {
    await master.stop();
    rmSync(directory, { recursive: true, force: true });
  }
}
