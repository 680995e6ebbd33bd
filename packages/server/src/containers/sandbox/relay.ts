/** Pipes each connection that a socket here takes to a socket elsewhere. */
import type { Clock } from '../../base/clock.ts';
import { createServer, type ListenOptions, type Server, type Socket } from 'node:net';

export interface RelayRoute {
  readonly listen: ListenOptions;
  /** Opens the other end, which must allow to be half open. */
  readonly connect: () => Socket;
  /** Hostile code connects as often as it can: beyond these it is refused. */
  readonly maxConnections: number;
  /** Closes connections that have not brought the whole head of a request by then. */
  readonly head?: { readonly withinMs: number; readonly clock: Clock };
}

const HEAD_END = '\r\n\r\n';

/** Closes it when the head of its first request isn't there in time. */
function awaitHead(socket: Socket, { clock, withinMs }: NonNullable<RelayRoute['head']>): void {
  let last = '';
  const late = clock.after(withinMs, () => socket.destroy());
  const look = (bytes: Buffer): void => {
    const seen = last + bytes.toString('latin1');
    last = seen.slice(1 - HEAD_END.length);
    if (!seen.includes(HEAD_END)) return;
    late.cancel();
    socket.off('data', look);
  };
  socket.on('data', look);
  socket.once('close', () => late.cancel());
}

/** The end of one direction is passed on; what breaks ends both. */
function carry(from: Socket, to: Socket): void {
  from.pipe(to);
  from.on('error', () => to.destroy());
  from.on('close', () => {
    if (!from.readableEnded) to.destroy();
  });
}

export class Relay {
  readonly #server: Server;
  readonly #connections = new Set<Socket>();
  #whenQuiet: (() => void) | undefined;

  private constructor(server: Server, { connect, head }: RelayRoute) {
    this.#server = server;
    server.on('connection', (socket: Socket) => {
      this.#connections.add(socket);
      socket.once('close', () => {
        this.#connections.delete(socket);
        if (this.#connections.size === 0) this.#whenQuiet?.();
      });
      const other = connect();
      carry(socket, other);
      carry(other, socket);
      if (head) awaitHead(socket, head);
    });
  }

  /** Resolves when connections are taken. It does not keep the process alive. */
  static async open(route: RelayRoute): Promise<Relay> {
    const server = createServer({ allowHalfOpen: true, noDelay: true });
    server.maxConnections = route.maxConnections;
    const relay = new Relay(server, route);
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(route.listen, () => resolve());
    });
    server.unref();
    return relay;
  }

  /** Takes no more connections; resolves when those that there are have ended. */
  async finish(): Promise<void> {
    this.#server.close();
    if (this.#connections.size > 0) await new Promise<void>((resolve) => (this.#whenQuiet = resolve));
  }

  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    for (const socket of this.#connections) socket.destroy();
    await closed;
  }
}
