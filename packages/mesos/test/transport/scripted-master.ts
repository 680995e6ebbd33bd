import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer, type ServerOptions } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { encodeRecord } from '../../src/wire/index.ts';

/** One request as it came. */
export interface Received {
  readonly method: string | undefined;
  readonly path: string | undefined;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
  /** The call's `type`. */
  readonly type: string;
  /** Numbers TCP connections from 0. */
  readonly connection: number;
}

type Script = (request: Received, response: ServerResponse) => void;

/**
 * A real HTTP server that answers SUBSCRIBE and other calls as a test says: the transport's other end, byte by byte.
 * Not a master: it keeps no state.
 */
export class ScriptedMaster {
  readonly #server: Server;
  readonly #sockets: Socket[] = [];
  readonly received: Received[] = [];
  readonly #scheme: string;
  #port = 0;

  private constructor(server: Server, scheme: string, script: Script) {
    this.#server = server;
    this.#scheme = scheme;
    server.keepAliveTimeout = 0;
    server.on(scheme === 'https' ? 'secureConnection' : 'connection', (socket: Socket) => {
      this.#sockets.push(socket);
      socket.on('error', () => undefined);
    });
    server.on('request', (request: IncomingMessage, response: ServerResponse) => {
      void this.#receive(request).then((received) => script(received, response));
    });
  }

  static async open(script: Script, tls?: ServerOptions): Promise<ScriptedMaster> {
    const server = tls ? createTlsServer(tls) : createServer();
    const master = new ScriptedMaster(server, tls ? 'https' : 'http', script);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    master.#port = (server.address() as AddressInfo).port;
    return master;
  }

  /** Also after it was closed. */
  get url(): string {
    return `${this.#scheme}://127.0.0.1:${this.#port}`;
  }

  /** Connections that were ever made. */
  get connections(): readonly Socket[] {
    return this.#sockets;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #receive(request: IncomingMessage): Promise<Received> {
    const pieces: Buffer[] = [];
    for await (const piece of request) pieces.push(piece as Buffer);
    const text = Buffer.concat(pieces).toString();
    const received = {
      method: request.method,
      path: request.url,
      headers: request.headers,
      text,
      type: (JSON.parse(text) as { type: string }).type,
      connection: this.#sockets.indexOf(request.socket),
    };
    this.received.push(received);
    return received;
  }
}

export const STREAM_ID = '11ab0fe6-bd05-499f-a45c-948054f439e9';

/** The head of a subscription's stream, as Mesos writes it. */
export function beginStream(response: ServerResponse): ServerResponse {
  response.writeHead(200, { 'Mesos-Stream-Id': STREAM_ID, 'Content-Type': 'application/json' });
  response.flushHeaders();
  return response;
}

export const subscribed = {
  type: 'SUBSCRIBED',
  subscribed: { framework_id: { value: 'F1' }, heartbeat_interval_seconds: 15 },
};
export const heartbeat = { type: 'HEARTBEAT' };

export function anUpdate(taskId: string) {
  return {
    type: 'UPDATE',
    update: {
      status: { task_id: { value: taskId }, state: 'TASK_RUNNING', uuid: 'AAECAwQFBgcICQoLDA0ODw==' },
    },
  };
}

export function frame(...events: readonly object[]): Buffer {
  return Buffer.concat(events.map((event) => encodeRecord(JSON.stringify(event))));
}

/** Answers SUBSCRIBE with a stream of these events, and other calls with 202. */
export function accepting(...events: readonly object[]): Script {
  return ({ type }, response) => {
    if (type === 'SUBSCRIBE') beginStream(response).write(frame(...events));
    else response.writeHead(202, { 'Content-Length': 0 }).end();
  };
}

/** Answers everything with a status and a text, as Mesos does. */
export function refusing(status: number, text: string): Script {
  return (_, response) =>
    response.writeHead(status, { 'Content-Type': 'text/plain; charset=utf-8' }).end(text);
}

const masters: ScriptedMaster[] = [];

/** One that {@link closeMasters} closes. */
export async function aMaster(
  ...parameters: Parameters<typeof ScriptedMaster.open>
): Promise<ScriptedMaster> {
  const master = await ScriptedMaster.open(...parameters);
  masters.push(master);
  return master;
}

/** For `afterEach`. */
export async function closeMasters(): Promise<void> {
  for (const master of masters.splice(0)) await master.close();
}
