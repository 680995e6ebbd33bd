// The simulator's master with virtual agents, in a process of its own, in real time and behind HTTP.
import http from 'node:http';
import { encodeRecord } from '@vibrissa/mesos/wire';
import { VirtualCluster } from '@vibrissa/mesos-simulator';
import { agentWith, FreeContainers, readdressed } from './mesos-containers.js';
import { nowMs, serve } from './mesos-process.js';
import { seededRandom } from './statistics.js';

let cluster;
/** Behind its tasks, where somebody asked for them. */
let containers;
let connection;
let answers = [];
let calls = 0;

function subscribe(call, response) {
  connection?.close();
  answers = [];
  connection = cluster.transport('bench').subscribe(cluster.masterUrls[0], call, {
    onOpened: ({ streamId }) =>
      response.writeHead(200, { 'Content-Type': 'application/json', 'Mesos-Stream-Id': streamId }),
    onAlive() {},
    onEvent: (event) => {
      const text = JSON.stringify(event);
      response.write(encodeRecord(containers ? readdressed(text) : text));
    },
    onEnded: (end) =>
      end.kind === 'refused' ? response.writeHead(end.status).end(end.text) : response.end(),
    // Answers come in the order of the calls.
    onAnswered: ({ status, text }) => answers.shift().writeHead(status).end(text),
  });
}

function agentOf(id) {
  for (let agent = 1; ; agent++) if (cluster.agentId(agent) === id) return agent;
}

function askOperator(call, response) {
  const { status, text } = cluster.operator(call);
  response.writeHead(status, { 'Content-Type': 'application/json' }).end(text);
}

const server = http.createServer((request, response) => {
  const parts = [];
  request.on('data', (part) => parts.push(part));
  request.on('end', () => {
    const call = JSON.parse(Buffer.concat(parts).toString());
    if (request.url === '/api/v1') return askOperator(call, response);
    if (call.type === 'SUBSCRIBE') return subscribe(call, response);
    if (call.type === 'ACCEPT') containers?.accepted(call, agentOf);
    answers.push(response);
    connection.send(++calls, call);
  });
});

serve({
  /** `ports`: so many containers can be on each agent; they start at no cost, and answer. */
  async start({ agents, ports }) {
    const random = { next: seededRandom(1) };
    if (ports === undefined) {
      cluster = new VirtualCluster({ random, agents });
    } else {
      containers = await FreeContainers.listen({ agents, ports });
      cluster = new VirtualCluster({
        random,
        agents: Array.from({ length: agents }, () => agentWith(ports)),
        behaviour: () => ({ executorMs: 0, startMs: 0, termMs: 0 }),
      });
    }
    cluster.run(2000);
    let lastMs = nowMs();
    setInterval(() => {
      const sinceMs = nowMs() - lastMs;
      lastMs += sinceMs;
      cluster.run(sinceMs);
    }, 1);
    await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
    return { url: `http://127.0.0.1:${server.address().port}` };
  },
  running: () =>
    cluster.snapshot().frameworks[0].tasks.filter(({ state }) => state === 'TASK_RUNNING').length,
});
