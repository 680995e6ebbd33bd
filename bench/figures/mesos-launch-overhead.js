// A cold start on Mesos without a stem cell, offers in hand: what the platform adds to the task's own start. That is the time from
// the submission of the same command, through a Mesos client that keeps no state and has offers in hand, to its first answer; it is
// dialled each millisecond from the moment at which Mesos says that it runs.
import { MesosScheduler } from '@vibrissa/mesos';
import { initRequest, noopCode, runRequest } from '../lib/bare.js';
import { Connection, requestText } from '../lib/http-client.js';
import { alternate } from '../lib/load.js';
import { CommandCluster, untilOffered } from '../lib/mesos-platform.js';
import { nowMs } from '../lib/mesos-process.js';
import { progress, report } from '../lib/report.js';
import { median, medianWithInterval } from '../lib/statistics.js';

const EACH = 3;
const SETTLE_MS = 100;
const TOKEN = 'by-hand';
const LAUNCHER_FLAGS = '--max-old-space-size=32 --max-semi-space-size=1 --v8-pool-size=1';
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** A framework that launches what the platform launches, in a cluster of its own: two frameworks take offers from each other. */
class ByHand {
  #cluster;
  #platform;
  #scheduler;
  #held = 0;
  #count = 0;

  static async open(cluster, platform) {
    const byHand = new ByHand();
    byHand.#cluster = cluster;
    byHand.#platform = platform;
    byHand.#scheduler = await MesosScheduler.open({
      masters: cluster.url,
      framework: { name: 'by-hand' },
      offers: { inAdvance: 2, holdMs: 3_600_000 },
      onNotice: (notice) => {
        if (notice.kind === 'offers') byHand.#held = notice.held;
      },
    });
    await byHand.#scheduler.subscribe({ withinMs: 10_000 });
    return byHand;
  }

  #spec() {
    const api = `http://127.0.0.1:${this.#platform.port}`;
    return {
      id: `by-hand-${++this.#count}`,
      name: 'by-hand',
      command: `exec ${process.execPath} ${LAUNCHER_FLAGS} ${this.#cluster.runtimePath}/launch.mjs`,
      cpus: 0.016,
      memoryMb: 304,
      ports: [{ name: 'http' }],
      env: {
        VIBRISSA_KIND: `nodejs:${process.versions.node.split('.')[0]}`,
        VIBRISSA_API: api,
        VIBRISSA_SANDBOX: JSON.stringify({ tmpMb: 128, actionDirMb: 256, sharedMemoryMb: 16 }),
        __OW_API_HOST: api,
        __OW_TOKEN: TOKEN,
        __OW_LOG_STAMPS: '1',
      },
    };
  }

  async start() {
    while (this.#held === 0) await pause(20);
    await pause(SETTLE_MS);
    const startedMs = nowMs();
    const task = this.#scheduler.submit(this.#spec());
    const { endpoint } = await task.running;
    const connection = await dialled(endpoint.port);
    const headers = { 'X-Vibrissa-Token': TOKEN, 'X-Vibrissa-Sentinel': 'end' };
    await connection.send(requestText({ ...initRequest(noopCode), headers }));
    const answer = await connection.send(requestText({ ...runRequest(), headers }));
    const took = nowMs() - startedMs;
    connection.close();
    if (answer.status !== 200 || !answer.body.includes('"name":"you"'))
      throw new Error(`wrong answer: ${answer.status} ${answer.body}`);
    await task.delete();
    return took;
  }

  close() {
    return this.#scheduler.close();
  }
}

async function dialled(port) {
  for (;;) {
    try {
      return await Connection.open({ port });
    } catch {
      await pause(1);
    }
  }
}

function throughPlatform(platform) {
  let counter = 0;
  return async () => {
    const name = `cold${counter++}`;
    await platform.createAction(name, { exec: { kind: 'nodejs:default', code: noopCode } });
    await untilOffered(platform);
    await pause(SETTLE_MS);
    const startedMs = nowMs();
    const answer = await platform.invoke(name);
    const took = nowMs() - startedMs;
    if (answer.status !== 200 || !answer.body.includes('"initTime"'))
      throw new Error(`not a cold start: ${answer.status} ${answer.body}`);
    return took;
  };
}

const block = (one) => async () => {
  const took = [];
  for (let index = 0; index < EACH; index++) took.push(await one());
  return median(took);
};

export async function run({ pairs }) {
  const clusters = [];
  let platform;
  let byHand;
  try {
    for (let count = 0; count < 2; count++) clusters.push(await CommandCluster.start({ agents: 3 }));
    // Each call leaves a warm container behind: room for all of them.
    platform = await clusters[0].platform({
      'containerPool.prewarm': false,
      'containerPool.userMemoryMb': 65_536,
    });
    byHand = await ByHand.open(clusters[1], platform);
    const measureA = block(throughPlatform(platform));
    const measureB = block(() => byHand.start());
    for (const once of [measureA, measureB]) await once();
    const results = await alternate(pairs, measureA, measureB, (n, of) =>
      progress(`mesos-launch-overhead ${n}/${of}`),
    );
    report({
      figure: 'mesos-launch-overhead',
      unit: "ms beyond the task's own start",
      goal: { operator: '<=', bound: 50 },
      ...medianWithInterval(results.map(({ a, b }) => a - b)),
      blocks: pairs,
      detail: results,
    });
    report({
      figure: 'mesos-launch-ms',
      unit: 'ms',
      ...medianWithInterval(results.map(({ a }) => a)),
      blocks: pairs,
    });
  } finally {
    await byHand?.close();
    await platform?.stop();
    for (const cluster of clusters) await cluster.stop();
  }
}
