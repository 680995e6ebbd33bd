/**
 * Pipes connections from a socket that sandboxes may reach to the platform's own API socket. Needed when the platform
 * is root: its socket lies in a 0700 data directory, through which the users of sandboxes can't walk.
 */
import { chmodSync, rmSync } from 'node:fs';
import { descriptorLimit } from '../../base/descriptor-limit.ts';
import { connect, createServer, type Server, type Socket } from 'node:net';

function join(client: Socket, target: string): void {
  const upstream = connect(target);
  const end = () => {
    client.destroy();
    upstream.destroy();
  };
  client.on('error', end).on('close', end);
  upstream.on('error', end).on('close', end);
  client.pipe(upstream).pipe(client);
}

export class ApiRelay {
  readonly path: string;
  readonly #server: Server;
  readonly #connections = new Set<Socket>();

  private constructor(path: string, server: Server) {
    this.path = path;
    this.#server = server;
    server.on('connection', (socket) => {
      this.#connections.add(socket);
      socket.once('close', () => this.#connections.delete(socket));
    });
  }

  /** Hostile code connects as often as it can: beyond `maxConnections`, of all sandboxes together, it is refused. */
  static async open(
    path: string,
    target: string,
    maxConnections: number = Math.ceil(descriptorLimit() / 16),
  ): Promise<ApiRelay> {
    rmSync(path, { force: true });
    const server = createServer((client) => join(client, target));
    server.maxConnections = maxConnections;
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(path, () => resolve());
    });
    // Connecting asks for write permission; that the API authenticates is what protects it.
    chmodSync(path, 0o666);
    server.unref();
    return new ApiRelay(path, server);
  }

  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    for (const socket of this.#connections) socket.destroy();
    await closed;
  }
}
