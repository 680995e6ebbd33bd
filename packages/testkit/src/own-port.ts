import { createServer } from 'node:net';

import { holdAddress } from './hold-address.ts';

/**
 * Above the ports that systems give to whoever asks for any (to 60999), and above those of simulated clusters: a port
 * from below that was found free may be somebody else's before it is listened on, or listened on anew.
 */
const FIRST = 61_000;
const COUNT = 4500;

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, () => void server.close(() => resolve(true)));
  });
}

/**
 * A TCP port on which nobody listens, and which is given to nobody else as long as this process lives: for servers that
 * are told their port, or that come back to it. Throws when all are taken.
 */
export async function ownPort(): Promise<number> {
  for (let step = 0; step < COUNT; step++) {
    const port = FIRST + ((process.pid + step) % COUNT);
    if ((await holdAddress('127.0.0.1', port)) && (await isFree(port))) return port;
  }
  throw new Error(`Each port from ${FIRST} to ${FIRST + COUNT - 1} is taken.`);
}
