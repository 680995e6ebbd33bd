import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

import type { Address } from '../../src/membership/member.ts';

/** A TCP relay that records, swallows and repeats, as somebody on the way could. */
export interface Relay {
  readonly address: Address;
  readonly connections: number;
  /** All that was sent by whoever connected last. */
  sentByClient(): Buffer;
  injectFromClient(bytes: Buffer): void;
  /** From now on nothing of the present connections is passed on, and they stay open; new ones work. */
  swallow(): void;
  /** Reads no more from the present connections. */
  pause(): void;
  /** When whoever connected last has ended its connection. */
  clientEnded(): Promise<void>;
  close(): Promise<void>;
}

interface Pair {
  readonly client: Socket;
  readonly server: Socket;
  readonly sent: Buffer[];
  isSwallowed: boolean;
}

export async function openRelay(port: number): Promise<Relay> {
  const pairs: Pair[] = [];
  const server = createServer((client) => {
    const pair: Pair = { client, server: connect(port, '127.0.0.1'), sent: [], isSwallowed: false };
    pairs.push(pair);
    client.on('data', (bytes) => {
      pair.sent.push(bytes);
      if (!pair.isSwallowed) pair.server.write(bytes);
    });
    pair.server.on('data', (bytes) => {
      if (!pair.isSwallowed) client.write(bytes);
    });
    for (const [one, other] of [[client, pair.server] as const, [pair.server, client] as const]) {
      one.on('error', () => {});
      one.on('close', () => other.destroy());
    }
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const last = () => pairs.at(-1)!;
  return {
    address: { host: '127.0.0.1', port: (server.address() as AddressInfo).port },
    get connections() {
      return pairs.length;
    },
    sentByClient: () => Buffer.concat(last().sent),
    injectFromClient: (bytes) => void last().server.write(bytes),
    swallow: () => {
      for (const pair of pairs) pair.isSwallowed = true;
    },
    pause: () => {
      for (const { client } of pairs) client.pause();
    },
    async clientEnded() {
      const { client } = last();
      // A socket that nobody reads learns of its end from a failed write.
      const probing = setInterval(() => client.write('x'), 20);
      if (!client.destroyed) await once(client, 'close');
      clearInterval(probing);
    },
    async close() {
      for (const pair of pairs) pair.client.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
