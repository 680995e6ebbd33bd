import { createSocket, type Socket } from 'node:dgram';

/** Ports for tasks, of which no other simulator of this machine deals out any. */
export interface PortShare {
  readonly begin: number;
  /** Within it. */
  readonly end: number;
  close(): Promise<void>;
}

/** What agents of Mesos have by default, and ranges like it, all below the ports that systems give to clients. */
const FIRST = 31_000;
const SIZE = 1001;
const STEP = 1100;
const LOWEST = 10_000;

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
    if (socket) return { begin, end, close: () => new Promise((done) => void socket.close(done)) };
  }
  return { begin: FIRST, end: FIRST + SIZE - 1, close: () => Promise.resolve() };
}
