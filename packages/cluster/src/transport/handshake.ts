import { hkdfSync, randomBytes } from 'node:crypto';

import { KEY_ID_BYTES, type ClusterKey, type KeyRing } from '../wire/key-ring.ts';
import { WIRE_VERSION } from '../wire/seal.ts';
import type { RefusalReason } from './transport.ts';

const NONCE_BYTES = 32;
const KEY_BYTES = 32;
/** Version, key id, nonce. */
export const HELLO_BYTES = 1 + KEY_ID_BYTES + NONCE_BYTES;

/** Keys of one connection, which end with it; one for each direction. */
export interface ConnectionKeys {
  readonly toServer: Buffer;
  readonly toClient: Buffer;
}

/**
 * The first bytes of both sides. The connecting one says hello and is answered with a hello; then it sends an empty frame,
 * which proves that it has the secret, and is answered with an empty frame.
 */
export function makeHello(key: ClusterKey): Buffer {
  return Buffer.concat([Buffer.of(WIRE_VERSION), key.id, randomBytes(NONCE_BYTES)]);
}

/** Which key the other side means, or why it is none of ours. */
export function readHello(ring: KeyRing, hello: Buffer): ClusterKey | RefusalReason {
  const keyId = hello.subarray(1, 1 + KEY_ID_BYTES);
  if (hello[0] !== WIRE_VERSION) return ring.isForeign(keyId) ? 'malformed' : 'other-version';
  return ring.find(keyId) ?? (ring.isForeign(keyId) ? 'other-cluster' : 'unknown-key');
}

/** Both nonces are in it: what was recorded of one connection opens in no other. */
export function connectionKeys(
  ring: KeyRing,
  key: ClusterKey,
  hellos: { readonly client: Buffer; readonly server: Buffer },
): ConnectionKeys {
  const salt = Buffer.concat([hellos.client, hellos.server]);
  const both = Buffer.from(
    hkdfSync('sha256', key.secret, salt, `vibrissa cluster tcp\0${ring.name}`, 2 * KEY_BYTES),
  );
  return { toServer: both.subarray(0, KEY_BYTES), toClient: both.subarray(KEY_BYTES) };
}
