// The yardstick of latency: a bare node:http reverse proxy (two hops) with one container of our own sandbox factory behind it.
import http from 'node:http';
import os from 'node:os';
import { fileURLToPath } from 'node:url';
import { systemClock } from '../../packages/server/dist/base/clock.js';
import { silentLogger } from '../../packages/server/dist/base/logger.js';
import { noMetrics } from '../../packages/server/dist/base/metrics.js';
import { discoverRuntimes } from '../../packages/server/dist/containers/sandbox/discover-runtimes.js';
import { SandboxContainerFactory } from '../../packages/server/dist/containers/sandbox/sandbox-container-factory.js';

const runtimeDir = fileURLToPath(new URL('../../runtimes', import.meta.url));
const runtimes = await discoverRuntimes({
  runtimeDir,
  execPath: process.execPath,
  path: process.env.PATH,
  home: os.homedir(),
});
const factory = await SandboxContainerFactory.open({
  runtimeDir,
  apiPort: 1,
  runtimes,
  clock: systemClock,
  logger: silentLogger,
  metrics: noMetrics,
  config: {
    tmpMb: 128,
    actionDirMb: 256,
    sharedMemoryMb: 16,
    pids: 1024,
    uids: { first: 1_950_000_000, count: 100 },
    internet: false,
    allowedDestinations: [],
  },
});
const container = await factory.create({
  name: 'bench_proxy',
  kind: `nodejs:${process.versions.node.split('.')[0]}`,
  memoryMb: 256,
  cpuShares: 1024,
  env: {},
});
container.logs.listen(() => {});

const agent = new http.Agent({ keepAlive: true });
const server = http.createServer((request, response) => {
  const forward = http.request(
    {
      socketPath: container.address.socketPath,
      path: request.url,
      method: request.method,
      headers: request.headers,
      agent,
    },
    (answer) => {
      response.writeHead(answer.statusCode, answer.headers);
      answer.pipe(response);
    },
  );
  forward.on('error', (error) => response.destroy(error));
  request.pipe(forward);
});
server.listen(0, '127.0.0.1', () =>
  process.send({ port: server.address().port, socketPath: container.address.socketPath }),
);
process.on('disconnect', () => {
  void factory.close().then(() => process.exit(0));
});
