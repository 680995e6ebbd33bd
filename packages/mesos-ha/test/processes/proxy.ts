import { createSocket, type Socket as UdpSocket } from 'node:dgram';
import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';

export interface Address {
  readonly host: string;
  readonly port: number;
}

/** How one way through a proxy is. */
export interface Way {
  /** Nothing passes, and nobody is told so. */
  isShut: boolean;
  delayMs: number;
  /** Up to so much more, at random. */
  jitterMs: number;
  /** Of datagrams, the part that is lost; of bytes on a connection, the part that comes late, as after a repetition. */
  loss: number;
}

const REPETITION_MS = 200;

/**
 * Stands in front of a program, TCP and UDP, and passes on what comes: late, in part, or not at all, each way by itself.
 * Datagrams are answered to the address that they tell of, so that only the way toward the program is passed here.
 */
export class Proxy {
  readonly toward: Way = { isShut: false, delayMs: 0, jitterMs: 0, loss: 0 };
  readonly back: Way = { isShut: false, delayMs: 0, jitterMs: 0, loss: 0 };
  readonly #to: Address;
  readonly #random: () => number;
  readonly #server: Server;
  readonly #udp: UdpSocket;
  readonly #sockets = new Set<Socket>();
  readonly #timers = new Set<NodeJS.Timeout>();
  #isClosed = false;

  private constructor(to: Address, random: () => number) {
    this.#to = to;
    this.#random = random;
    this.#server = createServer((socket) => this.#accept(socket));
    this.#udp = createSocket('udp4', (datagram) => this.#pass(datagram));
  }

  static async open(listen: Address, to: Address, random: () => number): Promise<Proxy> {
    const proxy = new Proxy(to, random);
    proxy.#server.listen(listen);
    proxy.#udp.bind(listen.port, listen.host);
    await Promise.all([once(proxy.#server, 'listening'), once(proxy.#udp, 'listening')]);
    return proxy;
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    for (const timer of this.#timers) clearTimeout(timer);
    for (const socket of this.#sockets) socket.destroy();
    this.#udp.close();
    this.#server.close();
    await once(this.#server, 'close');
  }

  /** Ends what is connected, as systems do when nothing has passed for long; the ways stay as they are. */
  breakConnections(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  #pass(datagram: Buffer): void {
    const { toward } = this;
    if (toward.isShut || this.#random() < toward.loss) return;
    this.#after(this.#delayOf(toward), () => this.#udp.send(datagram, this.#to.port, this.#to.host));
  }

  #accept(near: Socket): void {
    const far = connect(this.#to);
    for (const socket of [near, far]) this.#sockets.add(socket.setNoDelay());
    this.#join(near, far, this.toward);
    this.#join(far, near, this.back);
  }

  /** Passes on in order; what comes while the way is shut waits until it is open, as repetitions make it. */
  #join(from: Socket, to: Socket, way: Way): void {
    let line = Promise.resolve();
    const pass = (act: () => void) => {
      const atMs = performance.now() + this.#delayOf(way) + (this.#random() < way.loss ? REPETITION_MS : 0);
      line = line.then(() => this.#openAt(way, atMs)).then(act);
    };
    from.on('data', (bytes) => pass(() => to.write(bytes)));
    from.on('close', () => {
      this.#sockets.delete(from);
      pass(() => to.destroy());
    });
    from.on('error', () => {});
  }

  #openAt(way: Way, atMs: number): Promise<void> {
    return new Promise((resolve) => {
      const look = () => {
        const leftMs = atMs - performance.now();
        if (leftMs <= 0 && !way.isShut) resolve();
        else this.#after(Math.max(leftMs, 5), look);
      };
      look();
    });
  }

  #delayOf({ delayMs, jitterMs }: Way): number {
    return delayMs + jitterMs * this.#random();
  }

  /** Never once it is closed: what waits for a way to open would look for ever. */
  #after(delayMs: number, act: () => void): void {
    if (this.#isClosed) return;
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      act();
    }, delayMs);
    this.#timers.add(timer);
  }
}
