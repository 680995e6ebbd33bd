import { createCipheriv, createDecipheriv, createHmac, hkdfSync, randomBytes } from 'node:crypto';

import { LRUCache } from 'lru-cache';

import type { Keyring, MasterKey } from './keyring.ts';

const VERSION = 1;
const ID_BYTES = 8;
const EPOCH_BYTES = 16;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const ID_AT = 1;
const EPOCH_AT = ID_AT + ID_BYTES;
const NONCE_AT = EPOCH_AT + EPOCH_BYTES;
const TEXT_AT = NONCE_AT + NONCE_BYTES;

/** What was sealed is damaged, was moved to another place, or was sealed with a key that is not at hand. */
export class UnsealError extends Error {
  readonly code = 'UNSEAL';

  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'UnsealError';
  }
}

function derive(key: MasterKey, salt: Buffer, purpose: string): Buffer {
  return Buffer.from(hkdfSync('sha256', key.secret, salt, `vibrissa ${purpose} v1`, 32));
}

/** The id of the key that sealed this. */
export function keyIdOf(sealed: Uint8Array): string {
  return Buffer.from(sealed.buffer, sealed.byteOffset + ID_AT, ID_BYTES).toString('hex');
}

/**
 * Encrypts secrets for the disk (AES-256-GCM) and finds secrets by a keyed hash.
 *
 * A sealed text is `version(1) key id(8) epoch(16) nonce(12) ciphertext tag(16)`. Each sealer draws one epoch, from
 * which its data key is derived, so that the nonce can be a counter: it never repeats under a key, however many
 * texts are sealed. `context` says what the text is and where it lies; it is authenticated, so that a sealed text
 * put into another record does not open.
 */
export class Sealer {
  readonly #keyring: Keyring;
  readonly #epoch = randomBytes(EPOCH_BYTES);
  readonly #dataKey: Buffer;
  readonly #openKeys = new LRUCache<string, Buffer>({ max: 256 });
  readonly #hashKeys: ReadonlyMap<string, Buffer>;
  #sealed = 0;

  constructor(keyring: Keyring) {
    this.#keyring = keyring;
    this.#dataKey = derive(keyring.primary, this.#epoch, 'seal');
    this.#hashKeys = new Map(
      keyring.keys.map((key) => [key.id, derive(key, Buffer.alloc(0), 'lookup')] as const),
    );
  }

  /** The key that seals. */
  get keyId(): string {
    return this.#keyring.primary.id;
  }

  /** Every key that can open. */
  get keyIds(): readonly string[] {
    return this.#keyring.keys.map((key) => key.id);
  }

  seal(text: string, context: string): Buffer {
    const head = Buffer.allocUnsafe(TEXT_AT);
    head[0] = VERSION;
    head.write(this.keyId, ID_AT, 'hex');
    this.#epoch.copy(head, EPOCH_AT);
    this.#sealed += 1;
    head.writeUInt32BE(0, NONCE_AT);
    head.writeUInt32BE(Math.floor(this.#sealed / 2 ** 32), NONCE_AT + 4);
    head.writeUInt32BE(this.#sealed % 2 ** 32, NONCE_AT + 8);
    const cipher = createCipheriv('aes-256-gcm', this.#dataKey, head.subarray(NONCE_AT));
    cipher.setAAD(Buffer.from(context));
    const body = cipher.update(text, 'utf8');
    const rest = cipher.final();
    return Buffer.concat([head, body, rest, cipher.getAuthTag()]);
  }

  /** Throws {@link UnsealError}. */
  unseal(sealed: Uint8Array, context: string): string {
    const bytes = Buffer.from(sealed.buffer, sealed.byteOffset, sealed.byteLength);
    if (bytes.length < TEXT_AT + TAG_BYTES || bytes[0] !== VERSION) {
      throw new UnsealError(`A secret is damaged (${context}).`);
    }
    const nonce = bytes.subarray(NONCE_AT, TEXT_AT);
    const decipher = createDecipheriv('aes-256-gcm', this.#openKey(bytes, context), nonce, {
      authTagLength: TAG_BYTES,
    });
    decipher.setAAD(Buffer.from(context));
    decipher.setAuthTag(bytes.subarray(bytes.length - TAG_BYTES));
    try {
      const text = decipher.update(bytes.subarray(TEXT_AT, bytes.length - TAG_BYTES));
      return Buffer.concat([text, decipher.final()]).toString('utf8');
    } catch (cause) {
      throw new UnsealError(`A secret is damaged or was moved (${context}).`, { cause });
    }
  }

  /** The hash under which a secret is found, by the key that seals. */
  hash(secret: string): Buffer {
    return this.#hashUnder(this.keyId, secret);
  }

  /** The hashes under which it may be found: one for every key. */
  hashes(secret: string): readonly Buffer[] {
    return this.keyIds.map((id) => this.#hashUnder(id, secret));
  }

  #hashUnder(keyId: string, secret: string): Buffer {
    return createHmac('sha256', this.#hashKeys.get(keyId)!).update(secret).digest();
  }

  #openKey(bytes: Buffer, context: string): Buffer {
    const which = bytes.toString('latin1', ID_AT, NONCE_AT);
    let dataKey = this.#openKeys.get(which);
    if (!dataKey) {
      const keyId = keyIdOf(bytes);
      const key = this.#keyring.keys.find(({ id }) => id === keyId);
      if (!key) throw new UnsealError(`The master key ${keyId} is not at hand (${context}).`);
      dataKey = derive(key, bytes.subarray(EPOCH_AT, NONCE_AT), 'seal');
      this.#openKeys.set(which, dataKey);
    }
    return dataKey;
  }
}
