import { connect as connectTcp, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { buildConnector } from 'undici';
import type { Clock } from '../base/clock.ts';
import { CONNECT_TIMEOUT } from './transport-error.ts';

/** PEM texts, as in Node's `tls.connect`. */
export interface TlsOptions {
  /** CAs to trust instead of the machine's own. */
  readonly ca?: string | readonly string[];
  /** The framework's certificate and key, for masters that ask for one. */
  readonly cert?: string;
  readonly key?: string;
  readonly passphrase?: string;
  /** The name that the masters' certificates are for, when it is not the one that is dialled. */
  readonly servername?: string;
}

interface SocketOpenerOptions {
  readonly tls: TlsOptions;
  readonly connectTimeoutMs: number;
  readonly clock: Clock;
}

/** The kernel asks a silent peer so often whether it is there: the call channel has no heartbeats. */
const KEEP_ALIVE_MS = 15_000;

/** Opens sockets for one HTTP client and can destroy them, also while they connect, which undici's own can't. */
export class SocketOpener {
  readonly #options: SocketOpenerOptions;
  readonly #sockets = new Set<Socket>();

  constructor(options: SocketOpenerOptions) {
    this.#options = options;
  }

  /** A connector for undici. */
  readonly connect: buildConnector.connector = (target, callback) => {
    const socket = this.#open(target);
    this.#sockets.add(socket);
    let isTold = false;
    const tell = (...outcome: Parameters<buildConnector.Callback>) => {
      timer.cancel();
      if (isTold) return;
      isTold = true;
      callback(...outcome);
    };
    const timer = this.#options.clock.after(this.#options.connectTimeoutMs, () =>
      socket.destroy(timedOut(this.#options.connectTimeoutMs)),
    );
    socket.once(target.protocol === 'https:' ? 'secureConnect' : 'connect', () => tell(null, socket));
    socket.on('error', (error) => tell(error, null));
    socket.once('close', () => {
      this.#sockets.delete(socket);
      tell(new Error('closed'), null);
    });
  };

  destroy(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  #open({ protocol, hostname, port }: buildConnector.Options): Socket {
    if (protocol !== 'https:') return tune(connectTcp({ host: hostname, port: Number(port) || 80 }));
    const { ca, ...rest } = this.#options.tls;
    const trusted = ca === undefined ? {} : { ca: typeof ca === 'string' ? ca : [...ca] };
    const at = { host: hostname, port: Number(port) || 443 };
    return tune(connectTls({ ...rest, ...trusted, ...at, ALPNProtocols: ['http/1.1'] }));
  }
}

function tune(socket: Socket): Socket {
  return socket.setNoDelay(true).setKeepAlive(true, KEEP_ALIVE_MS);
}

function timedOut(timeoutMs: number): Error {
  return Object.assign(new Error(`no connection within ${timeoutMs} ms`), { code: CONNECT_TIMEOUT });
}
