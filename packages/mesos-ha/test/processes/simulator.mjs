// A simulated Mesos in a process of its own. What a test asks of it comes on a Unix socket, which no cut of the network
// reaches, and is passed on to the master.
import { createServer, request } from 'node:http';

import { MesosSimulator } from '@vibrissa/mesos-simulator';

const { host, control } = JSON.parse(process.argv[2]);
const simulator = await MesosSimulator.open({
  host,
  agents: 2,
  allocationIntervalMs: 100,
  heartbeatIntervalMs: 500,
});

createServer((asked, response) => {
  const { method, url, headers } = asked;
  const onward = request(new URL(url, simulator.url), { method, headers }, (answer) => {
    response.writeHead(answer.statusCode, answer.headers);
    answer.pipe(response);
  });
  onward.once('error', () => response.destroy());
  asked.pipe(onward);
}).listen(control, () => console.log(JSON.stringify({ kind: 'ready', line: simulator.url })));

process.once('SIGTERM', async () => {
  await simulator.stop();
  process.exit(0);
});
