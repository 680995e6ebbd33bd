import { randomFillSync, randomUUID } from 'node:crypto';

/** Names for new things, injected: nothing outside this file draws randomness for an id or a secret. */
export interface Ids {
  /** 32 lower-case hexadecimal digits. */
  activationId(): string;
  /** 32 letters and digits. */
  transactionId(): string;
  /** A version 4 UUID. */
  uuid(): string;
  /** A namespace's secret: 64 letters and digits. */
  key(): string;
  /** An unguessable mark for one request: 32 lower-case hexadecimal digits. */
  token(): string;
}

const POOL_BYTES = 16_384;
const ID_LENGTH = 32;
const KEY_LENGTH = 64;
const ALPHABET = Buffer.from('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789');
/** Bytes from here on would make the first letters of the alphabet likelier. */
const FAIR_BELOW = 256 - (256 % ALPHABET.length);

/** Ids from the kernel's generator, drawn in pools: one system call makes a thousand of them. */
class RandomIds implements Ids {
  readonly #bytes = Buffer.allocUnsafeSlow(POOL_BYTES);
  #nextByte = POOL_BYTES;
  readonly #letters = Buffer.allocUnsafeSlow(POOL_BYTES);
  #nextLetter = POOL_BYTES;

  activationId(): string {
    return this.#hex();
  }

  transactionId(): string {
    return this.#word(ID_LENGTH);
  }

  uuid(): string {
    return randomUUID();
  }

  key(): string {
    return this.#word(KEY_LENGTH);
  }

  token(): string {
    return this.#hex();
  }

  #hex(): string {
    if (this.#nextByte + ID_LENGTH / 2 > POOL_BYTES) {
      randomFillSync(this.#bytes);
      this.#nextByte = 0;
    }
    const from = this.#nextByte;
    this.#nextByte = from + ID_LENGTH / 2;
    return this.#bytes.toString('hex', from, this.#nextByte);
  }

  #word(length: number): string {
    if (this.#nextLetter + length > POOL_BYTES) this.#refillLetters();
    const from = this.#nextLetter;
    this.#nextLetter = from + length;
    return this.#letters.toString('latin1', from, this.#nextLetter);
  }

  #refillLetters(): void {
    const source = Buffer.allocUnsafeSlow(POOL_BYTES);
    let filled = 0;
    while (filled < POOL_BYTES) {
      randomFillSync(source);
      for (let at = 0; at < POOL_BYTES && filled < POOL_BYTES; at++) {
        const byte = source[at] as number;
        if (byte < FAIR_BELOW) this.#letters[filled++] = ALPHABET[byte % ALPHABET.length] as number;
      }
    }
    this.#nextLetter = 0;
  }
}

/** Unpredictable ids. */
export const randomIds: Ids = new RandomIds();
