// The simulator's master with virtual agents, in a process of its own, in real time and behind HTTP.
import http from 'node:http';
import { encodeRecord } from '@vibrissa/mesos/wire';
import { VirtualCluster } from '@vibrissa/mesos-simulator';
import { nowMs, serve } from './mesos-process.js';
import { seededRandom } from './statistics.js';

let cluster;
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
    onEvent: (event) => response.write(encodeRecord(JSON.stringify(event))),
    onEnded: (end) =>
      end.kind === 'refused' ? response.writeHead(end.status).end(end.text) : response.end(),
    // Answers come in the order of the calls.
    onAnswered: ({ status, text }) => answers.shift().writeHead(status).end(text),
  });
}

const server = http.createServer((request, response) => {
  const parts = [];
  request.on('data', (part) => parts.push(part));
  request.on('end', () => {
    const call = JSON.parse(Buffer.concat(parts).toString());
    if (call.type === 'SUBSCRIBE') return subscribe(call, response);
    answers.push(response);
    connection.send(++calls, call);
  });
});

serve({
  async start({ agents }) {
    cluster = new VirtualCluster({ random: { next: seededRandom(1) }, agents });
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
