import { once } from 'node:events';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { RequestReader, type SeenRequest } from './http-requests.ts';

/** What a script does with one connection's request: it writes bytes to its socket, or cuts it. */
export type Script = (request: SeenRequest, socket: Socket, server: ScriptedServer) => void | Promise<void>;

/** A server on a real socket which answers with bytes, not with what an HTTP library makes of them. */
export class ScriptedServer {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly requests: SeenRequest[] = [];

  private constructor(server: Server) {
    this.#server = server;
  }

  static async open(script: Script): Promise<ScriptedServer> {
    const server = createServer({ noDelay: true });
    const scripted = new ScriptedServer(server);
    server.on('connection', (socket) => scripted.#serve(socket, script));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return scripted;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Connections that the client has not closed. */
  get openConnections(): number {
    return this.#sockets.size;
  }

  /** The JSON bodies of the requests that came, all or those of one type. */
  calls<Type extends string>(type?: Type): { type: string; [body: string]: unknown }[] {
    const bodies = this.requests.map((each) => JSON.parse(each.body) as { type: string });
    return bodies.filter((each) => type === undefined || each.type === type);
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
    await once(this.#server, 'close');
  }

  #serve(socket: Socket, script: Script): void {
    const reader = new RequestReader();
    this.#sockets.add(socket);
    socket.on('close', () => this.#sockets.delete(socket));
    socket.on('error', () => socket.destroy());
    let turn = Promise.resolve();
    socket.on('data', (bytes) => {
      for (const request of reader.push(bytes)) {
        this.requests.push(request);
        turn = turn
          .then(() => script(request, socket, this))
          .catch((error: Error) => void socket.destroy(error));
      }
    });
  }
}

/** Writes pieces as separate writes, each in a turn of its own, so that the client reads them apart. */
export async function writeApart(socket: Socket, pieces: readonly Buffer[]): Promise<void> {
  for (const piece of pieces) {
    if (socket.destroyed) return;
    socket.write(piece);
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/** A response with a length. */
export function response(status: string, body = '', headers: readonly string[] = []): Buffer {
  const type = body === '' ? [] : ['Content-Type: text/plain; charset=utf-8'];
  const lines = [
    `HTTP/1.1 ${status}`,
    ...headers,
    ...type,
    `Content-Length: ${Buffer.byteLength(body)}`,
    '',
    body,
  ];
  return Buffer.from(lines.join('\r\n'));
}
