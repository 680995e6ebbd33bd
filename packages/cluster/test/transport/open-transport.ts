import { SteadyClock } from '@vibrissa/testkit';

import type { Clock } from '../../src/base/clock.ts';
import { systemRandom } from '../../src/base/random.ts';
import type { Address } from '../../src/membership/member.ts';
import { SocketTransport } from '../../src/transport/socket-transport.ts';
import type { TransportLimits } from '../../src/transport/transport-limits.ts';
import type { RefusedTraffic, UnsendablePacket } from '../../src/transport/transport.ts';
import type { Packet } from '../../src/wire/packet.ts';

export const SECRET = 'correct horse battery staple';

/** A transport on loopback, and all that it has told. */
export interface OpenTransport {
  readonly transport: SocketTransport;
  readonly address: Address;
  readonly packets: Packet[];
  readonly refused: RefusedTraffic[];
  readonly unsendable: UnsendablePacket[];
}

export interface OpenOptions {
  readonly name?: string;
  readonly secrets?: readonly string[];
  readonly listen?: Address;
  readonly clock?: Clock;
  readonly limits?: Partial<TransportLimits>;
  /** Called in the turn in which it comes. */
  readonly onPacket?: () => void;
}

/** What a busy machine takes from all of them at once ends no connection: what it was to carry is sent only once. */
const LONGEST_STALL_MS = 50;

/** Opens transports and closes all of them with `close`. */
export class Transports {
  readonly #open: SocketTransport[] = [];

  async open(options: OpenOptions = {}): Promise<OpenTransport> {
    const {
      name = 'test',
      secrets = [SECRET],
      clock = new SteadyClock(LONGEST_STALL_MS),
      limits = {},
    } = options;
    const listen = options.listen ?? { host: '127.0.0.1', port: 0 };
    const told = {
      packets: [] as Packet[],
      refused: [] as RefusedTraffic[],
      unsendable: [] as UnsendablePacket[],
    };
    const transport = await SocketTransport.open({
      name,
      secrets,
      listen,
      clock,
      limits,
      random: systemRandom,
      listener: {
        onPacket: (packet) => {
          told.packets.push(packet);
          options.onPacket?.();
        },
        onRefused: (refused) => told.refused.push(refused),
        onUnsendable: (unsendable) => told.unsendable.push(unsendable),
      },
    });
    this.#open.push(transport);
    return { transport, address: { host: listen.host, port: transport.port }, ...told };
  }

  async close(): Promise<void> {
    await Promise.all(this.#open.splice(0).map((transport) => transport.close()));
  }
}

/** A word of gossip, which may go either way, with so many characters. */
export function packetOf(request: number, characters = 10): Packet {
  return {
    from: { id: 'a', generation: 1, address: { host: '127.0.0.1', port: 1 } },
    at: 1_700_000_000_000,
    body: {
      layer: 'swim',
      message: { kind: 'ping', probe: request, to: 'b', news: [], hint: 'x'.repeat(characters) },
    },
  };
}

/** Of such words, which ones have come. */
export function requestsOf(packets: readonly Packet[]): number[] {
  return packets.flatMap(({ body }) =>
    body.layer === 'swim' && body.message.kind === 'ping' ? [body.message.probe] : [],
  );
}
