import { Worker } from 'node:worker_threads';

/** In a thread of its own, as it would be on a machine of its own: what it costs to send must not slow those who receive. */
const SENDER = `
const { parentPort, workerData } = require('node:worker_threads');
const { bytes, ports } = workerData;
const socket = require('node:dgram').createSocket('udp4');
const BURST = 20;
let sent = 0;
let isOver = false;
parentPort.on('message', () => (isOver = true));
function burst() {
  if (isOver) return socket.close(() => parentPort.postMessage(sent));
  let left = BURST * ports.length;
  for (let nth = 0; nth < BURST; nth++)
    for (const port of ports)
      socket.send(bytes, port, '127.0.0.1', () => {
        sent += 1;
        if (--left === 0) setImmediate(burst);
      });
}
burst();
`;

/** Sends the same datagram to all these ports of this machine, as fast as it can. */
export class Flood {
  readonly #worker: Worker;

  constructor(bytes: Buffer, ports: readonly number[]) {
    this.#worker = new Worker(SENDER, { eval: true, workerData: { bytes, ports } });
  }

  /** How many it has sent. */
  async stop(): Promise<number> {
    const sent = new Promise<number>((resolve) => this.#worker.once('message', resolve));
    this.#worker.postMessage('stop');
    const count = await sent;
    await this.#worker.terminate();
    return count;
  }
}
