import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';

import type { RefusalReason } from '../transport/transport.ts';
import { KEY_ID_BYTES, type ClusterKey, type KeyRing } from './key-ring.ts';

/**
 * Of how datagrams and connections are sealed and framed; what is in them has `PROTOCOL_VERSION`. Two versions of this
 * can't talk: to raise it is to stop all instances of a cluster, and to start them anew.
 */
export const WIRE_VERSION = 1;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const HEADER_BYTES = 1 + KEY_ID_BYTES + NONCE_BYTES;
/** What fits an Ethernet frame, also through a tunnel. */
export const MAX_DATAGRAM_BYTES = 1400;

export type Opened =
  | { readonly kind: 'opened'; readonly plain: Buffer }
  | { readonly kind: 'refused'; readonly why: RefusalReason };

/** How long it is when it is sealed. */
export function sealedBytes(plainBytes: number): number {
  return HEADER_BYTES + plainBytes + TAG_BYTES;
}

/**
 * A datagram: version, key id, nonce, ciphertext, tag (AES-256-GCM; the version and the cluster's name are authenticated
 * with it). Nonces are the machine's own randomness and never a seeded one: two equal ones would give the key away. Some
 * ten datagrams a second don't come near the 2^32 that random nonces allow for.
 */
export function sealDatagram(ring: KeyRing, plain: Buffer): Buffer {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv('aes-256-gcm', ring.first.secret, nonce);
  cipher.setAAD(associatedData(ring));
  const text = Buffer.concat([cipher.update(plain), cipher.final()]);
  return Buffer.concat([Buffer.of(WIRE_VERSION), ring.first.id, nonce, text, cipher.getAuthTag()]);
}

/** Never throws. */
export function openDatagram(ring: KeyRing, sealed: Buffer): Opened {
  if (sealed.length < HEADER_BYTES + TAG_BYTES) return refused('malformed');
  const keyId = sealed.subarray(1, 1 + KEY_ID_BYTES);
  if (sealed[0] !== WIRE_VERSION) return refused(ring.isForeign(keyId) ? 'malformed' : 'other-version');
  const key = ring.find(keyId);
  if (!key) return refused(ring.isForeign(keyId) ? 'other-cluster' : 'unknown-key');
  const plain = openWith(ring, key, sealed);
  return plain ? { kind: 'opened', plain } : refused('forged');
}

function openWith(ring: KeyRing, key: ClusterKey, sealed: Buffer): Buffer | undefined {
  const tagAt = sealed.length - TAG_BYTES;
  const nonce = sealed.subarray(1 + KEY_ID_BYTES, HEADER_BYTES);
  const decipher = createDecipheriv('aes-256-gcm', key.secret, nonce, { authTagLength: TAG_BYTES });
  decipher.setAAD(associatedData(ring));
  decipher.setAuthTag(sealed.subarray(tagAt));
  const text = decipher.update(sealed.subarray(HEADER_BYTES, tagAt));
  try {
    return Buffer.concat([text, decipher.final()]);
  } catch {
    return undefined;
  }
}

function associatedData(ring: KeyRing): Buffer {
  return Buffer.concat([Buffer.of(WIRE_VERSION), Buffer.from(ring.name)]);
}

function refused(why: RefusalReason): Opened {
  return { kind: 'refused', why };
}
