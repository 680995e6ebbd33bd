// Cold starts on Mesos that come all at once, where tasks start at no cost: containers a second from the first request to the last
// answer. Master, agents and containers share one process beside the platform's.
import { Connection, requestText } from '../lib/http-client.js';
import { startOnMesos, untilOffered } from '../lib/mesos-platform.js';
import { nowMs, Peer } from '../lib/mesos-process.js';
import { cpuOf } from '../lib/platform.js';
import { progress, report } from '../lib/report.js';
import { medianWithInterval } from '../lib/statistics.js';

const STARTS = 200;
const AGENTS = 10;
const code = 'function main(args) { return args; }';

async function measure() {
  const cluster = await Peer.start('./mesos-cluster.js');
  let platform;
  try {
    const { url } = await cluster.ask('start', { agents: AGENTS, ports: (2 * STARTS) / AGENTS });
    platform = await startOnMesos(url, {
      'containerPool.prewarm': false,
      'containerPool.userMemoryMb': 65_536,
      'mesos.command.runtimePath': '/nonexistent',
    });
    const names = Array.from({ length: STARTS }, (_, index) => `burst${index}`);
    for (const name of names) await platform.createAction(name, { exec: { kind: 'nodejs:default', code } });
    await untilOffered(platform);
    const requests = names.map((name) => requestText(platform.invocation(name)));
    const connections = await Promise.all(names.map(() => Connection.open(platform.target)));
    const usedMs = cpuOf([platform.pid]);
    const startedMs = nowMs();
    const answers = await Promise.all(connections.map((each, index) => each.send(requests[index])));
    const milliseconds = nowMs() - startedMs;
    const cpuMs = (cpuOf([platform.pid]) - usedMs) / STARTS;
    for (const { status, body } of answers)
      if (status !== 200 || !body.includes('"initTime"') || !body.includes('"name":"you"'))
        throw new Error(`not a cold start: ${status} ${body}`);
    for (const each of connections) each.close();
    const running = await cluster.ask('running');
    if (running !== STARTS) throw new Error(`${running} tasks run`);
    return { milliseconds, cpuMs, perSecond: (STARTS / milliseconds) * 1000 };
  } finally {
    await platform?.stop();
    await cluster.stop();
  }
}

export async function run({ pairs }) {
  const blocks = Math.max(2, pairs / 2);
  const results = [];
  for (let block = 0; block < blocks; block++) {
    results.push(await measure());
    progress(`mesos-burst ${block + 1}/${blocks}`);
  }
  report({
    figure: 'mesos-burst',
    unit: `containers/s, ${STARTS} at once`,
    goal: { operator: '>=', bound: 300 },
    ...medianWithInterval(results.map(({ perSecond }) => perSecond)),
    blocks,
    detail: results,
  });
  report({
    figure: 'mesos-burst-cpu',
    unit: "ms of processor time in the platform's process, a container",
    ...medianWithInterval(results.map(({ cpuMs }) => cpuMs)),
    blocks,
  });
}
