// From submit to the ACCEPT's arrival at a master in another process, with an offer in hand and the intent synced to the disk before;
// beside the least that this takes: a line synced and a POST of the same length on an open connection.
import { mkdtempSync, rmSync } from 'node:fs';
import { open } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { FileFrameworkState, MesosScheduler } from '@vibrissa/mesos';
import { Connection, requestText } from '../lib/http-client.js';
import { alternate } from '../lib/load.js';
import { nowMs, Peer } from '../lib/mesos-process.js';
import { taskSpec } from '../lib/mesos-words.js';
import { progress, report } from '../lib/report.js';
import { median, medianWithInterval, quantile } from '../lib/statistics.js';

const HELD = 20;
/** Between calls, so that each finds a framework at rest: the last task's end has been stored. */
const PAUSE_MS = 3;
const pause = () => new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
const RECORD_BYTES = 800;
const ACCEPT_BYTES = 1600;

/** What was sent when, until the master says when it came. */
class Latencies {
  #master;
  #sent = new Map();

  constructor(master) {
    this.#master = master;
  }

  start(id) {
    this.#sent.set(id, nowMs());
  }

  async read() {
    const arrivals = await this.#master.ask('arrivals');
    const values = arrivals.map(([id, arrivedMs]) => arrivedMs - this.#sent.get(id));
    if (values.length !== this.#sent.size || !values.every((value) => value > 0))
      throw new Error(`${values.length} arrivals of ${this.#sent.size}`);
    this.#sent.clear();
    return { p50: median(values), p99: quantile(values, 0.99) };
  }
}

async function openFramework(master, { url, directory }) {
  let onHeld;
  const held = new Promise((resolve) => {
    onHeld = resolve;
  });
  const scheduler = await MesosScheduler.open({
    masters: url,
    framework: { name: 'bench' },
    state: await FileFrameworkState.open(directory),
    offers: { holdMs: 60_000, inAdvance: HELD },
    onNotice: (notice) => {
      if (notice.kind === 'offers' && notice.held >= HELD) onHeld();
    },
  });
  await scheduler.subscribe({ withinMs: 10_000 });
  await master.ask('behave', { mode: 'finish', refills: true, directory });
  await master.ask('offer', { count: HELD });
  await held;
  return scheduler;
}

export async function run({ pairs, calls: most }) {
  const calls = most / 2;
  const directory = mkdtempSync(path.join(os.tmpdir(), 'vibrissa-bench-'));
  const master = await Peer.start('./mesos-master.js');
  const { url, port } = await master.ask('listen');
  const scheduler = await openFramework(master, { url, directory: path.join(directory, 'state') });
  const file = await open(path.join(directory, 'bare'), 'a');
  const connection = await Connection.open({ port });
  const latencies = new Latencies(master);
  let submitted = 0;
  const ours = async () => {
    for (let call = 0; call < calls; call++) {
      await pause();
      const id = `task-${++submitted}`;
      const spec = taskSpec(id);
      latencies.start(id);
      const { state } = await scheduler.submit(spec).ended;
      if (state !== 'TASK_FINISHED') throw new Error(`${id} ended as ${state}`);
    }
    return latencies.read();
  };
  let posted = 0;
  const record = `${'r'.repeat(RECORD_BYTES - 1)}\n`;
  const body = 'b'.repeat(ACCEPT_BYTES);
  const bare = async () => {
    for (let call = 0; call < calls; call++) {
      await pause();
      const id = `bare-${++posted}`;
      const text = requestText({ path: '/bare', body, headers: { 'X-Id': id } });
      latencies.start(id);
      await file.write(record);
      await file.datasync();
      const { status } = await connection.send(text);
      if (status !== 202) throw new Error(`bare POST: ${status}`);
    }
    return latencies.read();
  };
  try {
    await ours();
    await bare();
    const results = await alternate(pairs, ours, bare, (n, of) => progress(`mesos-submit ${n}/${of}`));
    const looked = await master.ask('looked');
    if (looked < submitted / 100) throw new Error(`only ${looked} records were looked for on the disk`);
    const { callFailures, writeFailures } = scheduler.stats();
    if (callFailures + writeFailures > 0)
      throw new Error(`${callFailures} calls, ${writeFailures} writes failed`);
    reportAll(results, pairs);
  } finally {
    connection.close();
    await scheduler.close();
    await file.close();
    await master.stop();
    rmSync(directory, { recursive: true, force: true });
  }
}

function reportAll(results, blocks) {
  report({
    figure: 'mesos-submit',
    unit: 'ms to the ACCEPT at the master, p99',
    goal: { operator: '<=', bound: 5 },
    ...medianWithInterval(results.map(({ a }) => a.p99)),
    blocks,
    detail: results,
  });
  report({
    figure: 'mesos-submit-p50',
    unit: 'ms, p50',
    ...medianWithInterval(results.map(({ a }) => a.p50)),
    blocks,
  });
  report({
    figure: 'mesos-submit-bare',
    unit: '× p50 of a bare sync and POST',
    ...medianWithInterval(results.map(({ a, b }) => a.p50 / b.p50)),
    blocks,
  });
}
