/** Name and secret of an `Authorization` header. */
export interface Credentials {
  readonly uuid: string;
  readonly key: string;
}

/** Every key has this length; OpenWhisk takes any other for malformed. */
const KEY_LENGTH = 64;

const SCHEME = 'basic ';

/**
 * Reads an `Authorization` header. `missing` when there is none, or one of another scheme; `invalid` when what it says
 * can't be a key.
 */
export function parseBasicCredentials(header: string | undefined): Credentials | 'missing' | 'invalid' {
  if (header === undefined || header.slice(0, SCHEME.length).toLowerCase() !== SCHEME) return 'missing';
  const text = Buffer.from(header.slice(SCHEME.length), 'base64').toString('latin1');
  const colon = text.indexOf(':');
  if (colon <= 0 || text.length - colon - 1 !== KEY_LENGTH) return 'invalid';
  return { uuid: text.slice(0, colon), key: text.slice(colon + 1) };
}
