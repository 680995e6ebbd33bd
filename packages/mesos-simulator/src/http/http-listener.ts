import { createServer, type Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';

import type { Clock } from '../base/clock.ts';
import { Exchange } from './exchange.ts';

/** Large calls carry large headers nowhere; this is for long URLs of the file endpoints. */
const MAX_HEADER_BYTES = 64 * 1024;

export interface ListenerOptions {
  /** An address of this machine. */
  readonly host: string;
  /** 0: any free one. */
  readonly port: number;
  readonly clock: Clock;
  readonly handle: (exchange: Exchange) => void;
}

/**
 * An HTTP server that behaves as libprocess's: connections stay open for ever, requests may be pipelined, `Expect` is
 * ignored, and what is no HTTP closes the connection without a word.
 */
export class HttpListener {
  readonly port: number;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  private constructor(server: Server, sockets: Set<Socket>) {
    this.#server = server;
    this.#sockets = sockets;
    this.port = (server.address() as AddressInfo).port;
  }

  /** Rejects with node's error when the address cannot be had (`EADDRINUSE`, `EADDRNOTAVAIL`, …). */
  static async open({ host, port, clock, handle }: ListenerOptions): Promise<HttpListener> {
    const server = createServer({
      maxHeaderSize: MAX_HEADER_BYTES,
      keepAliveTimeout: 0,
      headersTimeout: 0,
      requestTimeout: 0,
      noDelay: true,
    });
    const date = () => new Date(clock.now()).toUTCString();
    const sockets = new Set<Socket>();
    server.on('connection', (socket) => {
      sockets.add(socket);
      socket.once('close', () => sockets.delete(socket));
    });
    server.on('request', (request, response) => handle(new Exchange(request, response, date)));
    server.on('checkContinue', (request, response) => handle(new Exchange(request, response, date)));
    server.on('clientError', (_error, socket) => socket.destroy());
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(port, host, resolve);
    });
    return new HttpListener(server, sockets);
  }

  /** Closes the port and every connection at once, as the end of a process does. */
  close(): Promise<void> {
    return new Promise((resolve) => {
      this.#server.close(() => resolve());
      for (const socket of this.#sockets) socket.destroy();
    });
  }
}
