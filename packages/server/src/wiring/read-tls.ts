import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';

import type { Config } from '../config/schema.ts';
import { StartError } from './start-error.ts';

/** PEM texts of the public listener. */
export interface Tls {
  readonly cert: Buffer;
  readonly key: Buffer;
}

function unusable(message: string, mend: string, cause?: unknown): StartError {
  return new StartError('TLS_UNUSABLE', { message, mend, cause });
}

function read(path: string, flag: string): Buffer {
  try {
    return readFileSync(path);
  } catch (cause) {
    const why = (cause as NodeJS.ErrnoException).code === 'ENOENT' ? 'does not exist' : "can't be read";
    throw unusable(`The file of ${flag}, ${path}, ${why}.`, `Check the path and its permissions.`, cause);
  }
}

/** Reads certificate and key and sees that they belong together. Undefined without TLS. Throws {@link StartError}. */
export function readTls({ http: { tls } }: Config): Tls | undefined {
  if (tls.cert === undefined || tls.key === undefined) return undefined;
  const cert = read(tls.cert, '--tls-cert');
  const key = read(tls.key, '--tls-key');
  try {
    if (new X509Certificate(cert).checkPrivateKey(createPrivateKey(key))) return { cert, key };
  } catch (cause) {
    throw unusable(
      `${tls.cert} and ${tls.key} are not a certificate and a private key in PEM form.`,
      'Give the certificate chain (BEGIN CERTIFICATE) and its unencrypted key (BEGIN PRIVATE KEY).',
      cause,
    );
  }
  throw unusable(
    `The key ${tls.key} doesn't belong to the certificate ${tls.cert}.`,
    'Give the key that the certificate was made with.',
  );
}
