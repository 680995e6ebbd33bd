import { createHash, hkdfSync, scryptSync } from 'node:crypto';

import { TransportError } from '../transport/transport-error.ts';

const NAME_TAG_BYTES = 2;
const KEY_NUMBER_BYTES = 4;
export const KEY_ID_BYTES = NAME_TAG_BYTES + KEY_NUMBER_BYTES;
const KEY_BYTES = 32;
const SHORTEST_SECRET = 16;

export interface ClusterKey {
  /** Two bytes of the cluster's name, four of the key: says which key to try, and proves nothing. */
  readonly id: Buffer;
  readonly secret: Buffer;
}

/**
 * The keys of a cluster, made from its shared secrets and its name. The first one seals, all of them open: to change a
 * secret, restart the instances one by one with [old, new], then with [new, old], then with [new].
 */
export class KeyRing {
  readonly name: string;
  readonly first: ClusterKey;
  readonly #keys: readonly ClusterKey[];
  readonly #nameTag: Buffer;

  /** Throws {@link TransportError} `WEAK_SECRET`. */
  constructor({ name, secrets }: { readonly name: string; readonly secrets: readonly string[] }) {
    this.name = name;
    this.#nameTag = createHash('sha256')
      .update(`vibrissa cluster\0${name}`)
      .digest()
      .subarray(0, NAME_TAG_BYTES);
    this.#keys = [...new Set(secrets)].map((secret) => this.#keyOf(secret));
    const [first] = this.#keys;
    if (!first) throw weak('The cluster has no secret.');
    this.first = first;
  }

  find(id: Buffer): ClusterKey | undefined {
    return this.#keys.find((key) => key.id.equals(id));
  }

  /** Did a cluster of another name make this id? */
  isForeign(id: Buffer): boolean {
    return !id.subarray(0, NAME_TAG_BYTES).equals(this.#nameTag);
  }

  #keyOf(secret: string): ClusterKey {
    if (secret.length < SHORTEST_SECRET) {
      throw weak(`A secret of the cluster has ${secret.length} characters.`);
    }
    // Slow on purpose: whoever records a datagram can try passwords at leisure.
    const master = scryptSync(secret, `vibrissa cluster\0${this.name}`, KEY_BYTES);
    const derived = (info: string, bytes: number) => Buffer.from(hkdfSync('sha256', master, '', info, bytes));
    return {
      id: Buffer.concat([this.#nameTag, derived('key id', KEY_NUMBER_BYTES)]),
      secret: derived('seal', KEY_BYTES),
    };
  }
}

function weak(what: string): TransportError {
  return new TransportError('WEAK_SECRET', {
    what,
    mend: `Give one with at least ${SHORTEST_SECRET} characters, the same to all instances: openssl rand -base64 32`,
  });
}
