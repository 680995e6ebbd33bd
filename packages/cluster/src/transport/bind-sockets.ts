import { createSocket, type Socket as UdpSocket } from 'node:dgram';
import { createServer, isIPv6, type Server } from 'node:net';

import { addressText, type Address } from '../membership/member.ts';
import { systemLookUp } from './host-cache.ts';
import { TransportError } from './transport-error.ts';

/** A port that is free for TCP may be taken for UDP. */
const ATTEMPTS = 20;

export interface BoundSockets {
  readonly server: Server;
  readonly udp: UdpSocket;
  readonly port: number;
  /** Both know IPv6, and by it IPv4, too. */
  readonly isIPv6: boolean;
}

/** Listens by TCP and UDP at the same port; port 0: any that is free for both. Throws {@link TransportError}. */
export async function bindSockets(listen: Address): Promise<BoundSockets> {
  const host = await systemLookUp(listen.host, 0).catch((cause: unknown) => {
    throw listenError(listen, cause);
  });
  for (let attempt = 1; ; attempt++) {
    try {
      return await bindBoth({ host, port: listen.port });
    } catch (cause) {
      const isTaken = (cause as NodeJS.ErrnoException).code === 'EADDRINUSE';
      if (!isTaken || listen.port !== 0 || attempt === ATTEMPTS) throw listenError(listen, cause);
    }
  }
}

async function bindBoth({ host, port }: Address): Promise<BoundSockets> {
  // Until the transport is there to take them, connections are refused.
  const server = createServer((socket) => socket.destroy());
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host, port, exclusive: true }, resolve);
  });
  const bound = server.address();
  const boundPort = typeof bound === 'object' && bound ? bound.port : port;
  const udp = createSocket({
    type: isIPv6(host) ? 'udp6' : 'udp4',
    // Addresses were looked up already; Node's own look-up would take a turn in a thread for each datagram.
    lookup: (address, _options, done) => done(null, address, isIPv6(address) ? 6 : 4),
  });
  try {
    await new Promise<void>((resolve, reject) => {
      udp.once('error', reject);
      udp.bind({ address: host, port: boundPort, exclusive: true }, resolve);
    });
  } catch (error) {
    udp.close();
    await new Promise((resolve) => server.close(resolve));
    throw error;
  }
  udp.removeAllListeners('error');
  server.removeAllListeners('error');
  return { server, udp, port: boundPort, isIPv6: isIPv6(host) };
}

function listenError(listen: Address, cause: unknown): TransportError {
  const { code, message } = cause as NodeJS.ErrnoException;
  const at = addressText(listen);
  switch (code) {
    case 'EADDRINUSE':
      return new TransportError('ADDRESS_IN_USE', {
        what: `The cluster can't listen at ${at}: another program has the port (TCP or UDP).`,
        mend: `Stop that one (find it by: ss -lntup 'sport = :${listen.port}'), or give this instance another port.`,
        cause,
      });
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return new TransportError('ADDRESS_UNAVAILABLE', {
        what: `The cluster can't listen at ${at}: this machine has no such address (${code}).`,
        mend: 'Listen at 0.0.0.0 or ::, and say under which address others reach this instance (advertise).',
        cause,
      });
    default:
      return new TransportError('LISTEN_FAILED', {
        what: `The cluster can't listen at ${at}: ${message}.`,
        mend: 'Take an address of this machine, and a port above 1023.',
        cause,
      });
  }
}
