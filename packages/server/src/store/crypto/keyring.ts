import { createHash, randomBytes } from 'node:crypto';

const KEY_BYTES = 32;

/** A 256-bit master key; `id` names it in every record that it sealed and gives nothing of it away. */
export interface MasterKey {
  /** 16 hexadecimal digits. */
  readonly id: string;
  readonly secret: Buffer;
}

/** The key that seals, and with it all the keys that open. */
export interface Keyring {
  readonly primary: MasterKey;
  readonly keys: readonly MasterKey[];
}

/** The master key is missing, unreadable, malformed, or not the one that the data were sealed with. */
export class SecretKeyError extends Error {
  readonly code = 'SECRET_KEY';
  /** What the operator can do about it. */
  readonly mend: string;

  constructor(message: string, mend: string, options?: ErrorOptions) {
    super(`${message} ${mend}`, options);
    this.name = 'SecretKeyError';
    this.mend = mend;
  }
}

function decodeKey(line: string): Buffer | undefined {
  if (/^[0-9a-fA-F]{64}$/.test(line)) return Buffer.from(line, 'hex');
  if (!/^[A-Za-z0-9+/_-]{43}=?$/.test(line)) return undefined;
  return Buffer.from(line, 'base64');
}

function toMasterKey(secret: Buffer): MasterKey {
  const id = createHash('sha256').update('vibrissa key id\0').update(secret).digest('hex').slice(0, 16);
  return { id, secret };
}

/** A fresh key as a line of a key file. */
export function generateKeyLine(): string {
  return `${randomBytes(KEY_BYTES).toString('base64')}\n`;
}

/**
 * Reads keys, one a line, 32 bytes in base64 or hexadecimal: the first seals, all of them open. Empty lines and
 * `#` comments are skipped. `source` says where the text came from, for the error.
 */
export function parseKeyring(text: string, source: string): Keyring {
  const lines = text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'));
  const keys = lines.map((line, index) => {
    const secret = decodeKey(line);
    if (secret) return toMasterKey(secret);
    throw new SecretKeyError(
      `Key ${index + 1} of ${source} is not a key.`,
      'Write 32 random bytes in base64, one key a line: openssl rand -base64 32',
    );
  });
  const [primary] = keys;
  if (!primary) {
    throw new SecretKeyError(
      `There is no key in ${source}.`,
      'Write 32 random bytes in base64 to it: openssl rand -base64 32',
    );
  }
  return { primary, keys };
}
