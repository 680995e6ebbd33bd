import { createSocket, type Socket } from 'node:dgram';
import { createServer } from 'node:net';

import { systemRandom } from '../base/random.ts';

/** Ports for tasks, of which no other simulator of this machine deals out any. */
export interface PortShare {
  readonly begin: number;
  /** Within it. */
  readonly end: number;
  /**
   * A port behind those of tasks, for a master or an agent to come back to: the system gives it to nobody while they are
   * down. 0, as for any free one, when all are used.
   */
  lasting(host: string): Promise<number>;
  close(): Promise<void>;
}

/** What agents of Mesos have by default, and ranges like it, all below the ports that systems give to clients. */
const FIRST = 31_000;
const SIZE = 1001;
const STEP = 1100;
const LOWEST = 10_000;

function canListen(host: string, port: number): Promise<boolean> {
  return new Promise((done) => {
    const server = createServer();
    server.once('error', () => done(false));
    server.listen(port, host, () => server.close(() => done(true)));
  });
}

/** Undefined: another simulator holds it. */
function hold(port: number): Promise<Socket | undefined> {
  return new Promise((done) => {
    const socket = createSocket('udp4');
    socket.once('error', () => done(undefined));
    socket.bind({ address: '127.0.0.1', port, exclusive: true }, () => done(socket));
  });
}

/**
 * Takes the first share that no other simulator has: 31000–32000, 29900–30900, … down to 10000. Which is taken shows a
 * UDP port right behind it: whatever becomes of its simulator, the system gives that back. When all are taken, the first
 * one is dealt out twice.
 */
export async function takePortShare(): Promise<PortShare> {
  for (let begin = FIRST; begin >= LOWEST; begin -= STEP) {
    const end = begin + SIZE - 1;
    const socket = await hold(end + 1);
    if (socket) return share(begin, () => new Promise((done) => void socket.close(done)));
  }
  return share(FIRST, () => Promise.resolve());
}

function share(begin: number, close: () => Promise<void>): PortShare {
  const end = begin + SIZE - 1;
  const first = end + 2;
  const count = begin + STEP - first;
  // Who still calls a simulator of before, finds nobody.
  const offset = Math.floor(systemRandom.next() * count);
  let used = 0;
  const lasting = async (host: string): Promise<number> => {
    while (used < count) {
      const port = first + ((offset + used++) % count);
      if (await canListen(host, port)) return port;
    }
    return 0;
  };
  return { begin, end, lasting, close };
}
