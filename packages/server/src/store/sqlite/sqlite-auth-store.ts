import { timingSafeEqual } from 'node:crypto';

import type { Identity, NamespaceLimits, Privilege, Subject } from '@vibrissa/protocol';
import { LRUCache } from 'lru-cache';

import type { AuthStore } from '../auth-store.ts';
import type { Sealer } from '../crypto/sealer.ts';
import type { IdentityRow, SubjectRow } from './thread/calls.ts';
import { keyContext } from './thread/sealed-tables.ts';
import type { ThreadClient } from './thread/thread-client.ts';

const CACHED_IDENTITIES = 10_000;

const rights: readonly Privilege[] = ['READ', 'PUT', 'DELETE', 'ACTIVATE'];

interface Known {
  readonly identity: Identity;
  readonly authkey: Buffer;
}

function sameText(known: Buffer, given: string): boolean {
  const bytes = Buffer.from(given);
  return bytes.length === known.length && timingSafeEqual(known, bytes);
}

/**
 * Subjects in `entities.db`. On the disk a key is found by its keyed hash and lies sealed beside it; the identities
 * in use are kept in memory, and every change empties that memory, so that it is seen at once.
 */
export class SqliteAuthStore implements AuthStore {
  readonly #thread: ThreadClient;
  readonly #sealer: () => Sealer;
  readonly #byUuid = new LRUCache<string, Known>({ max: CACHED_IDENTITIES });
  readonly #byNamespace = new LRUCache<string, Identity>({ max: CACHED_IDENTITIES });
  /** Grows with every change: what was read before one is not kept after it. */
  #changes = 0;

  constructor(thread: ThreadClient, sealer: () => Sealer) {
    this.#thread = thread;
    this.#sealer = sealer;
  }

  async findIdentity(uuid: string, key: string): Promise<Identity | undefined> {
    const authkey = `${uuid}:${key}`;
    const known = this.#byUuid.get(uuid);
    if (known && sameText(known.authkey, authkey)) return known.identity;
    const changes = this.#changes;
    const row = await this.#thread.call('subjects.byKey', this.#sealer().hashes(authkey));
    if (!row) return undefined;
    const identity = this.#toIdentity(row);
    const found = { identity, authkey: Buffer.from(identity.authkey) };
    if (!sameText(found.authkey, authkey)) return undefined;
    if (this.#changes === changes) this.#byUuid.set(uuid, found);
    return identity;
  }

  async identityOf(namespace: string): Promise<Identity | undefined> {
    const known = this.#byNamespace.get(namespace);
    if (known) return known;
    const changes = this.#changes;
    const row = await this.#thread.call('subjects.byNamespace', namespace);
    if (!row) return undefined;
    const identity = this.#toIdentity(row);
    if (this.#changes === changes) this.#byNamespace.set(namespace, identity);
    return identity;
  }

  async getSubject(subject: string): Promise<Subject | undefined> {
    const row = await this.#thread.call('subjects.get', subject);
    return row && this.#toSubject(row);
  }

  putSubject({ subject, blocked, namespaces }: Subject): Promise<void> {
    const sealer = this.#sealer();
    const rows = namespaces.map(({ name, uuid, key }) => ({
      name,
      uuid,
      hash: sealer.hash(`${uuid}:${key}`),
      sealed: sealer.seal(key, keyContext(subject, name)),
    }));
    const write = { subject, blocked, keyId: sealer.keyId, namespaces: rows };
    return this.#changing(() => this.#thread.call('subjects.put', write));
  }

  deleteSubject(subject: string): Promise<boolean> {
    return this.#changing(() => this.#thread.call('subjects.delete', subject));
  }

  async subjectsOf(namespace: string): Promise<readonly Subject[]> {
    const rows = await this.#thread.call('subjects.ofNamespace', namespace);
    return rows.map((row) => this.#toSubject(row));
  }

  getLimits(namespace: string): Promise<NamespaceLimits | undefined> {
    return this.#thread.call('limits.get', namespace);
  }

  putLimits(namespace: string, limits: NamespaceLimits | undefined): Promise<void> {
    return this.#changing(() => this.#thread.call('limits.put', namespace, limits));
  }

  async #changing<T>(change: () => Promise<T>): Promise<T> {
    try {
      return await change();
    } finally {
      this.#changes += 1;
      this.#byUuid.clear();
      this.#byNamespace.clear();
    }
  }

  #unseal(subject: string, name: string, sealed: Uint8Array): string {
    return this.#sealer().unseal(sealed, keyContext(subject, name));
  }

  #toSubject({ subject, blocked, namespaces }: SubjectRow): Subject {
    return {
      subject,
      blocked,
      namespaces: namespaces.map(({ name, uuid, sealed }) => {
        return { name, uuid, key: this.#unseal(subject, name, sealed) };
      }),
    };
  }

  #toIdentity({ subject, namespace, uuid, sealed, limits }: IdentityRow): Identity {
    return {
      subject,
      namespace: { name: namespace, uuid },
      authkey: `${uuid}:${this.#unseal(subject, namespace, sealed)}`,
      rights,
      limits: limits ?? {},
    };
  }
}
