import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';

import type { Clock } from '../base/clock.ts';

const KNOWN_FOR_MS = 30_000;
const UNKNOWN_FOR_MS = 2_000;
/** What waits for a name; more is lost. */
const MOST_WAITING = 64;
const MOST_HOSTS = 1_000;

export type LookUpHost = (host: string, family: 0 | 4) => Promise<string>;

interface Known {
  /** Undefined: the name is not known. */
  readonly ip: string | undefined;
  readonly untilMs: number;
}

/** IP addresses of hosts, so that not every packet asks DNS. */
export class HostCache {
  readonly #clock: Clock;
  readonly #family: 0 | 4;
  readonly #lookUp: LookUpHost;
  readonly #known = new Map<string, Known>();
  readonly #asked = new Map<string, ((ip: string | undefined) => void)[]>();

  /** `family` 4: the sockets know nothing of IPv6. */
  constructor(clock: Clock, family: 0 | 4, lookUp: LookUpHost = systemLookUp) {
    this.#clock = clock;
    this.#family = family;
    this.#lookUp = lookUp;
  }

  /** Calls `use` at once where the address is known, else when DNS has answered: undefined, the name is not known. */
  find(host: string, use: (ip: string | undefined) => void): void {
    if (isIP(host) !== 0) return use(host);
    const known = this.#known.get(host);
    if (known && known.untilMs > this.#clock.monotonicMs()) return use(known.ip);
    const waiting = this.#asked.get(host);
    if (waiting) {
      if (waiting.length < MOST_WAITING) waiting.push(use);
      else use(undefined);
      return;
    }
    this.#asked.set(host, [use]);
    this.#lookUp(host, this.#family).then(
      (ip) => this.#learn(host, ip),
      () => this.#learn(host, undefined),
    );
  }

  #learn(host: string, ip: string | undefined): void {
    const waiting = this.#asked.get(host) ?? [];
    this.#asked.delete(host);
    if (this.#known.size >= MOST_HOSTS) this.#known.clear();
    const forMs = ip === undefined ? UNKNOWN_FOR_MS : KNOWN_FOR_MS;
    this.#known.set(host, { ip, untilMs: this.#clock.monotonicMs() + forMs });
    for (const use of waiting) use(ip);
  }
}

export async function systemLookUp(host: string, family: 0 | 4): Promise<string> {
  return (await lookup(host, { family })).address;
}
