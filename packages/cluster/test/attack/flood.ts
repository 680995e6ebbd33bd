import { Worker } from 'node:worker_threads';

import type { Address } from '../../src/membership/member.ts';

/** In a thread of its own, as it would be on a machine of its own: what it costs to send must not slow those who receive. */
const SENDER = `
const { parentPort, workerData } = require('node:worker_threads');
const { addresses, bytes, count } = workerData;
const socket = require('node:dgram').createSocket('udp4');
const BURST = 20;
let isOver = false;
parentPort.on('message', () => (isOver = true));
function burst() {
  if (isOver) return socket.close(() => parentPort.postMessage('over'));
  let left = BURST * addresses.length;
  for (let nth = 0; nth < BURST; nth++)
    for (const { host, port } of addresses)
      socket.send(bytes, port, host, () => {
        count[0] += 1;
        if (--left === 0) setImmediate(burst);
      });
}
burst();
`;

/** Sends the same datagram to all these addresses of this machine, as fast as it can. */
export class Flood {
  readonly #worker: Worker;
  readonly #count = new Uint32Array(new SharedArrayBuffer(4));

  constructor(bytes: Buffer, addresses: readonly Address[]) {
    const workerData = { bytes, addresses, count: this.#count };
    this.#worker = new Worker(SENDER, { eval: true, workerData });
  }

  /** How many it has sent so far. */
  get sent(): number {
    return this.#count[0] ?? 0;
  }

  async stop(): Promise<void> {
    const over = new Promise<unknown>((resolve) => this.#worker.once('message', resolve));
    this.#worker.postMessage('stop');
    await over;
    await this.#worker.terminate();
  }
}
