import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

import { frameworkMetrics, type Observed } from './framework-metrics.ts';
import { answerStatus, type StatusRoutes } from './status-routes.ts';

export interface StatusOptions extends Observed {
  /** Host: default 127.0.0.1, this machine alone; there is no authentication. Port 0: any free one. */
  readonly listen: { readonly host?: string; readonly port: number };
  /** Lets whoever reaches the port submit and delete tasks, but no browser: POST and DELETE /tasks. Default false. */
  readonly changesTasks?: boolean;
  /** Told one line for each change of leader, members, subscription and problems. */
  readonly log?: (line: string) => void;
}

/** Whoever is slow, or comes by the thousand, is cut off. Milliseconds, but the last. */
const limits = {
  headersTimeout: 10_000,
  requestTimeout: 20_000,
  connectionsCheckingInterval: 2_000,
  keepAliveTimeout: 10_000,
} as const;
const MOST_CONNECTIONS = 256;

export interface StatusServer {
  /** That was bound. */
  readonly port: number;
  /** Idempotent. */
  close(): Promise<void>;
}

/**
 * Shows an instance over HTTP: `GET /cluster` (all that an operator wants to know, JSON), `/metrics` (Prometheus),
 * `/tasks`, and `/health`, which is 200 as long as the process works, whatever the cluster does. Rejects when the port
 * can't be bound.
 */
export async function serveStatus(options: StatusOptions): Promise<StatusServer> {
  const { cluster, framework, changesTasks = false, log, listen } = options;
  const { registry, stop } = frameworkMetrics({ cluster, framework });
  const stops = [stop];
  if (log) {
    stops.push(cluster.watch(({ line }) => log(line)));
    stops.push(framework.watch(({ line }) => log(line)));
  }
  const server = statusServer({ cluster, framework, registry, changesTasks });
  let closing: Promise<void> | undefined;
  try {
    await listening(server, listen);
  } catch (error) {
    for (const end of stops) end();
    throw error;
  }
  return {
    port: (server.address() as AddressInfo).port,
    close() {
      for (const end of stops.splice(0)) end();
      closing ??= closed(server);
      return closing;
    },
  };
}

function statusServer(routes: StatusRoutes): Server {
  const server = createServer(limits, (request, response) => {
    void answerStatus(routes, request).then(({ status, contentType, body }) => {
      response.writeHead(status, {
        'Content-Type': contentType,
        'Cache-Control': 'no-store',
        'X-Content-Type-Options': 'nosniff',
      });
      response.end(request.method === 'HEAD' ? undefined : body);
    });
  });
  server.maxConnections = MOST_CONNECTIONS;
  return server;
}

function listening(server: Server, { host = '127.0.0.1', port }: StatusOptions['listen']): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

function closed(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
