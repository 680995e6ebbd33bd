import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';

export interface MarathonServer {
  readonly url: string;
  readonly requests: IncomingMessage[];
  answer: (request: IncomingMessage, response: ServerResponse) => void;
  close(): Promise<void>;
}

/** A real HTTP server that answers what the test says. */
export async function openMarathonServer(): Promise<MarathonServer> {
  const opened: MarathonServer = {
    url: '',
    requests: [],
    answer: (_request, response) => json(response, 200, { app: overlayApp() }),
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  const server = createServer((request, response) => {
    opened.requests.push(request);
    opened.answer(request, response);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return Object.assign(opened, { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` });
}

export function json(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify(body));
}

function task(nth: number, more: object = {}): object {
  return {
    id: `fw.task-${nth}`,
    appId: '/fw',
    state: 'TASK_RUNNING',
    host: `agent-${nth}`,
    ports: [31_000 + nth, 32_000 + nth],
    ipAddresses: [{ ipAddress: `172.16.0.${nth}`, protocol: 'IPv4' }],
    servicePorts: [10_000],
    slaveId: `S${nth}`,
    stagedAt: '2026-11-22T10:00:00.000Z',
    startedAt: '2026-11-22T10:00:01.000Z',
    version: '2026-11-22T09:00:00.000Z',
    ...more,
  };
}

/** As Marathon 1.11 shows one; a network of its own. */
export function overlayApp(more: object = {}): object {
  return {
    id: '/fw',
    instances: 3,
    version: '2026-11-22T09:00:00.000Z',
    deployments: [],
    healthChecks: [],
    networks: [{ mode: 'container', name: 'dcos' }],
    container: {
      type: 'MESOS',
      portMappings: [
        { name: 'web', containerPort: 8080, hostPort: null },
        { name: 'cluster', containerPort: 7946, hostPort: 0 },
      ],
    },
    tasksRunning: 3,
    tasks: [task(1), task(2), task(3)],
    ...more,
  };
}

export function hostApp(more: object = {}): object {
  return overlayApp({
    networks: [{ mode: 'host' }],
    portDefinitions: [
      { name: 'web', port: 10_000, protocol: 'tcp' },
      { name: 'cluster', port: 10_001, protocol: 'udp,tcp' },
    ],
    container: { type: 'MESOS' },
    ...more,
  });
}

export function bridgeApp(more: object = {}): object {
  return overlayApp({
    networks: [{ mode: 'container/bridge' }],
    container: {
      type: 'DOCKER',
      portMappings: [
        { name: 'web', containerPort: 8080, hostPort: 0 },
        { name: 'cluster', containerPort: 7946, hostPort: 0 },
      ],
    },
    ...more,
  });
}

/** Before 1.5: networks and ports stood under `docker`. */
export function oldApp(network: 'BRIDGE' | 'USER' | 'HOST', more: object = {}): object {
  return {
    id: '/fw',
    instances: 3,
    portDefinitions: [{ name: 'cluster', port: 10_000 }],
    container: {
      type: 'DOCKER',
      docker: {
        image: 'fw',
        network,
        ...(network !== 'HOST' && {
          portMappings: [
            { name: 'web', containerPort: 8080, hostPort: 0 },
            { name: 'cluster', containerPort: 7946, hostPort: 0 },
          ],
        }),
      },
    },
    ...(network === 'USER' && { ipAddress: { networkName: 'dcos' } }),
    tasks: [task(1)],
    ...more,
  };
}

export { task as marathonTask };
