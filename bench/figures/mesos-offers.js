// P10: one round of offers of 10,000 agents, from the master's first byte to the last of the client's answers at the master, with
// tasks for a good part of them and every record synced before; and tasks launched a second, from submit to a handled TASK_RUNNING,
// with the simulated master and 10,000 agents: in one process and virtual time, and over HTTP in real time.
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { MesosScheduler } from '@vibrissa/mesos';
import { VirtualCluster } from '@vibrissa/mesos-simulator';
import { nowMs, Peer } from '../lib/mesos-process.js';
import { mixedSpecs, taskSpec } from '../lib/mesos-words.js';
import { progress, report } from '../lib/report.js';
import { medianWithInterval, seededRandom } from '../lib/statistics.js';

const ROUNDS = 6;
const VIRTUAL_LIMIT_MS = 600_000;

export async function run(options) {
  const directory = mkdtempSync(path.join(os.tmpdir(), 'vibrissa-bench-'));
  try {
    await rounds({ ...options, directory });
    await launchesInVirtualTime(options);
    await launchesOverHttp({ ...options, directory });
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

async function rounds({ quick, pairs, directory }) {
  const agents = quick ? 2000 : 10_000;
  const blocks = Math.max(2, pairs / 4);
  const results = [];
  for (let block = 0; block < blocks; block++) {
    results.push(await roundsOfOneProcess({ agents, directory: path.join(directory, `rounds-${block}`) }));
    progress(`mesos-offers ${block + 1}/${blocks}`);
  }
  const firsts = results.map(([first]) => first);
  const later = results.flatMap((all) => all.slice(1));
  const lasts = results.map((all) => all.at(-1));
  const seconds = { unit: `s for ${agents} offers`, goal: { operator: '<=', bound: 1 } };
  const memory = { unit: 'MB RSS at most', goal: { operator: '<=', bound: 300 } };
  report({
    figure: 'mesos-offers-round',
    ...seconds,
    ...medianWithInterval(later.map(({ milliseconds }) => milliseconds / 1000)),
    blocks: later.length,
    detail: results,
  });
  report({
    figure: 'mesos-offers-round-first',
    ...seconds,
    ...medianWithInterval(firsts.map(({ milliseconds }) => milliseconds / 1000)),
    blocks,
  });
  report({
    figure: 'mesos-offers-memory',
    ...memory,
    ...medianWithInterval(firsts.map(({ peakMb }) => peakMb)),
    blocks,
  });
  report({
    figure: `mesos-offers-memory-${ROUNDS}-rounds`,
    ...memory,
    ...medianWithInterval(lasts.map(({ peakMb }) => peakMb)),
    blocks,
  });
}

/** The first round finds nothing compiled; after each, all of its tasks end. */
async function roundsOfOneProcess({ agents, directory }) {
  const master = await Peer.start('./mesos-master.js');
  const client = await Peer.start('./mesos-client.js');
  try {
    const { url } = await master.ask('listen');
    await client.ask('open', { url, directory });
    await client.ask('subscribe');
    const results = [];
    for (let round = 0; round < ROUNDS; round++)
      results.push(await measureRound({ master, client, agents, round }));
    await client.ask('close');
    return results;
  } finally {
    await client.stop();
    await master.stop();
  }
}

async function measureRound({ master, client, agents, round }) {
  const wanted = { count: agents / 2, seed: 1000 + round, prefix: `round-${round}` };
  await client.ask('submitMixed', wanted);
  await master.ask('behave', { mode: 'collect' });
  const eventBytes = await master.ask('round', {
    agents,
    seed: 2000 + round,
    specs: mixedSpecs(wanted.count, wanted),
  });
  const result = await master.ask('readRound');
  const { peakMb } = client;
  if (result.launched !== result.wanted || result.accepted + result.declined !== agents)
    throw new Error(`wrong: ${JSON.stringify(result)}`);
  await master.ask('finishAll');
  await client.ask('untilTold', { state: 'TASK_FINISHED', count: (round + 1) * wanted.count });
  await client.ask('untilGone');
  const { warnings, tasks } = await client.ask('state');
  if (warnings.length > 0 || tasks > 0) throw new Error(`${tasks} tasks are left; ${warnings.join('; ')}`);
  return { ...result, eventBytes, peakMb };
}

async function launchesInVirtualTime({ quick, pairs }) {
  const agents = quick ? 1000 : 10_000;
  const count = quick ? 2000 : 20_000;
  const blocks = Math.max(2, pairs / 4);
  const results = [];
  for (let block = 0; block < blocks; block++) {
    results.push(await measureVirtually({ agents, count, seed: block + 1 }));
    progress(`mesos-offers, virtual launches ${block + 1}/${blocks}`);
  }
  report({
    figure: 'mesos-offers-launches-virtual',
    unit: 'launches/s, client and cluster in one process',
    goal: { operator: '>=', bound: 1000 },
    ...medianWithInterval(results.map(({ perSecond }) => perSecond)),
    blocks,
    detail: results,
  });
}

async function measureVirtually({ agents, count, seed }) {
  const cluster = new VirtualCluster({ random: { next: seededRandom(seed) }, agents });
  await cluster.advance(2000);
  const running = new Set();
  const scheduler = await MesosScheduler.open({
    masters: cluster.masterUrls,
    framework: { name: 'bench' },
    transport: cluster.transport('bench'),
    clock: cluster.clock,
    random: { next: seededRandom(seed) },
    tasks: { impossibleAfterMs: Infinity },
    onTask: ({ taskId, status }) => {
      if (status.state === 'TASK_RUNNING') running.add(taskId);
    },
  });
  const subscribed = scheduler.subscribe();
  await cluster.advance(100);
  await subscribed;
  const startedMs = nowMs();
  for (let index = 0; index < count; index++) scheduler.submit(taskSpec(`task-${index}`));
  for (let atMs = 0; running.size < count; atMs += 100) {
    if (atMs > VIRTUAL_LIMIT_MS) throw new Error(`${running.size} of ${count} tasks run`);
    await cluster.advance(100);
  }
  const milliseconds = nowMs() - startedMs;
  const inMaster = cluster.snapshot().frameworks[0].tasks.length;
  const containers = Array.from({ length: agents }, (_, index) => cluster.containers(index + 1).length);
  if (inMaster !== count || containers.reduce((sum, each) => sum + each, 0) !== count)
    throw new Error(`the master knows ${inMaster} tasks of ${count}`);
  const closed = scheduler.close();
  await cluster.advance(100);
  await closed;
  return { milliseconds, perSecond: (count / milliseconds) * 1000 };
}

async function launchesOverHttp({ quick, pairs, directory }) {
  const agents = quick ? 1000 : 10_000;
  const count = quick ? 2000 : 20_000;
  const blocks = Math.max(2, pairs / 4);
  const results = [];
  for (let block = 0; block < blocks; block++) {
    const state = path.join(directory, `launches-${block}`);
    results.push(await measureOverHttp({ agents, count, directory: state }));
    progress(`mesos-offers, launches over HTTP ${block + 1}/${blocks}`);
  }
  report({
    figure: 'mesos-offers-launches',
    unit: 'launches/s, client and cluster in two processes',
    goal: { operator: '>=', bound: 1000 },
    ...medianWithInterval(results.map(({ perSecond }) => perSecond)),
    blocks,
    detail: results,
  });
}

async function measureOverHttp({ agents, count, directory }) {
  const cluster = await Peer.start('./mesos-cluster.js');
  const client = await Peer.start('./mesos-client.js');
  try {
    const { url } = await cluster.ask('start', { agents });
    await client.ask('open', { url, directory });
    await client.ask('subscribe');
    const startedMs = nowMs();
    await client.ask('submitAlike', { count, prefix: 'task' });
    await client.ask('untilTold', { state: 'TASK_RUNNING', count });
    const milliseconds = nowMs() - startedMs;
    const { told, warnings, stats } = await client.ask('state');
    const running = await cluster.ask('running');
    if (running !== count || told.TASK_RUNNING !== count || stats.callFailures + warnings.length > 0)
      throw new Error(`${running} of ${count} tasks run; ${JSON.stringify({ told, warnings, stats })}`);
    const { peakMb } = client;
    await client.ask('close');
    return { milliseconds, perSecond: (count / milliseconds) * 1000, peakMb };
  } finally {
    await client.stop();
    await cluster.stop();
  }
}
