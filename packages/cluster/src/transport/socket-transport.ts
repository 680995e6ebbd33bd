import { isIPv4, type Socket } from 'node:net';

import type { Clock } from '../base/clock.ts';
import type { RandomSource } from '../base/random.ts';
import { addressText, type Address } from '../membership/member.ts';
import { KeyRing } from '../wire/key-ring.ts';
import { decodePacket, encodePacket, senderOfUnknown } from '../wire/packet-codec.ts';
import type { Packet } from '../wire/packet.ts';
import { MAX_DATAGRAM_BYTES, openDatagram, sealDatagram, sealedBytes } from '../wire/seal.ts';
import { bindSockets, type BoundSockets } from './bind-sockets.ts';
import { HostCache } from './host-cache.ts';
import { PeerLink } from './peer-link.ts';
import { Refusals } from './refusals.ts';
import { ServerSessions } from './server-sessions.ts';
import { standsRepetition } from './stands-repetition.ts';
import { defaultLimits, type TransportLimits } from './transport-limits.ts';
import type { ClusterTransport, TransportListener } from './transport.ts';

export interface SocketTransportOptions {
  /** Of the cluster. */
  readonly name: string;
  /** At least 16 characters each; the first one seals, all of them open. */
  readonly secrets: readonly string[];
  /** UDP and TCP; port 0: any. */
  readonly listen: Address;
  readonly clock: Clock;
  /** For back-off only; nonces are always the machine's. */
  readonly random: RandomSource;
  readonly listener: TransportListener;
  readonly limits?: Partial<TransportLimits>;
}

/** Datagrams for what is small, one TCP connection to each peer for the rest; all of it sealed. */
export class SocketTransport implements ClusterTransport {
  readonly port: number;
  readonly #sockets: BoundSockets;
  readonly #ring: KeyRing;
  readonly #listener: TransportListener;
  readonly #limits: TransportLimits;
  readonly #hosts: HostCache;
  readonly #refusals: Refusals;
  readonly #sessions: ServerSessions;
  readonly #links = new Map<string, PeerLink>();
  readonly #newLink: (to: Address) => PeerLink;
  #closing: Promise<void> | undefined;

  private constructor(ring: KeyRing, sockets: BoundSockets, options: SocketTransportOptions) {
    const { clock, random, listener } = options;
    this.port = sockets.port;
    this.#ring = ring;
    this.#sockets = sockets;
    this.#listener = listener;
    this.#limits = { ...defaultLimits, ...options.limits };
    this.#hosts = new HostCache(clock, sockets.isIPv6 ? 0 : 4);
    this.#refusals = new Refusals(clock, listener);
    const deps = { ring, clock, limits: this.#limits };
    this.#sessions = new ServerSessions(deps, {
      onFrame: (plain) => this.#onPlain(plain, () => true),
      onRefused: (why, from) => this.#refusals.note(why, from),
    });
    this.#newLink = (to) =>
      new PeerLink(to, {
        ...deps,
        random,
        hosts: this.#hosts,
        onRefused: (why, from) => this.#refusals.note(why, from),
        onResting: (link) => this.#forgetLink(to, link),
      });
    this.#takeOver(sockets);
  }

  /** Throws {@link TransportError}. The listener hears nothing before this has resolved. */
  static async open(options: SocketTransportOptions): Promise<SocketTransport> {
    const ring = new KeyRing(options);
    return new SocketTransport(ring, await bindSockets(options.listen), options);
  }

  send(to: Address, packet: Packet, { reliable }: { readonly reliable: boolean }): void {
    if (this.#closing) return;
    const { layer } = packet.body;
    let plain: Buffer;
    try {
      plain = encodePacket(packet);
    } catch (error) {
      this.#listener.onUnsendable?.({ to, layer, why: `It is not JSON: ${(error as Error).message}.` });
      return;
    }
    const isSmall = sealedBytes(plain.length) <= MAX_DATAGRAM_BYTES;
    if (!reliable && isSmall && standsRepetition(packet)) return this.#sendDatagram(to, plain);
    const { frameBytes } = this.#limits;
    if (plain.length <= frameBytes) return this.#linkTo(to).send(plain);
    const why = `It has ${plain.length} bytes; at most ${frameBytes} can be sent at once.`;
    this.#listener.onUnsendable?.({ to, layer, why });
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    this.#refusals.close();
    for (const link of this.#links.values()) link.close();
    this.#sessions.close();
    const { server, udp } = this.#sockets;
    await Promise.all([
      new Promise<void>((resolve) => udp.close(resolve)),
      new Promise<void>((resolve) => server.close(() => resolve())),
    ]);
  }

  #takeOver({ server, udp }: BoundSockets): void {
    server.removeAllListeners('connection');
    server.on('connection', (socket: Socket) => {
      if (this.#closing) socket.destroy();
      else this.#sessions.accept(socket);
    });
    // No more descriptors, a network that is gone: what was not sent is lost, as the port allows.
    server.on('error', () => {});
    udp.on('error', () => {});
    udp.on('message', (bytes, from) => {
      const opened = openDatagram(this.#ring, bytes);
      const sender = { host: from.address, port: from.port };
      if (opened.kind === 'refused') this.#refusals.note(opened.why, sender);
      else if (!this.#onPlain(opened.plain, standsRepetition)) this.#refusals.note('malformed', sender);
    });
  }

  /** False: it makes no sense, in any version. */
  #onPlain(plain: Buffer, isAllowed: (packet: Packet) => boolean): boolean {
    const packet = decodePacket(plain);
    if (!packet) {
      const sender = senderOfUnknown(plain);
      if (sender) this.#refusals.note('other-version', sender);
      return sender !== undefined;
    }
    if (!isAllowed(packet)) return false;
    if (!this.#closing) this.#listener.onPacket(packet);
    return true;
  }

  #sendDatagram(to: Address, plain: Buffer): void {
    const sealed = sealDatagram(this.#ring, plain);
    this.#hosts.find(to.host, (ip) => {
      if (ip === undefined || this.#closing) return;
      const { udp, isIPv6 } = this.#sockets;
      const reachable = isIPv6 && isIPv4(ip) ? `::ffff:${ip}` : ip;
      udp.send(sealed, to.port, reachable, () => {});
    });
  }

  #linkTo(to: Address): PeerLink {
    const key = addressText(to);
    let link = this.#links.get(key);
    if (!link) this.#links.set(key, (link = this.#newLink(to)));
    return link;
  }

  #forgetLink(to: Address, link: PeerLink): void {
    const key = addressText(to);
    if (this.#links.get(key) === link) this.#links.delete(key);
  }
}
