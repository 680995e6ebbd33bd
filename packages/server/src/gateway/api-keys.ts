import { hash, timingSafeEqual } from 'node:crypto';

import type { DocumentEntity } from '@vibrissa/protocol';
import { LRUCache } from 'lru-cache';
import type { Clock } from '../base/clock.ts';
import type { Ids } from '../base/ids.ts';
import type { ArtifactStore } from '../store/artifact-store.ts';
import { memberOf, textMember } from './api-document.ts';
import { canonicalBasePath } from './api-store.ts';

const PREFIX = ':apikey:';
const MAX_KEYS = 1000;
const MAX_KNOWN = 2000;
const ID = /^[0-9a-f]{32}$/;

/** A key as its owner may see it again. */
export interface ApiKey {
  readonly id: string;
  /** The API that it opens. */
  readonly basepath: string;
  /** Whom it was given to. */
  readonly name: string;
  /** Epoch milliseconds. */
  readonly created: number;
}

export interface ApiKeysDeps {
  readonly artifacts: Pick<ArtifactStore, 'get' | 'put' | 'delete' | 'list' | 'count'>;
  readonly clock: Clock;
  readonly ids: Pick<Ids, 'key' | 'token'>;
}

interface Kept extends ApiKey {
  readonly hash: Buffer;
}

/** The secret has more than 300 random bits: no slow hash is needed. */
function hashOf(secret: string): Buffer {
  return hash('sha256', secret, 'buffer');
}

function keptOf({ content, name }: DocumentEntity): Kept {
  const created = memberOf(content, 'created');
  return {
    id: name.slice(PREFIX.length),
    basepath: textMember(content, 'basepath') ?? '',
    name: textMember(content, 'name') ?? '',
    created: typeof created === 'number' ? created : 0,
    hash: Buffer.from(textMember(content, 'hash') ?? '', 'hex'),
  };
}

function shown({ hash: _hidden, ...key }: Kept): ApiKey {
  return key;
}

/**
 * The keys that callers of an API show. A key is `ID.SECRET`; only a hash of the secret is stored, so that a key is shown once,
 * when it is made. A key that is revoked opens nothing from that moment on.
 */
export class ApiKeys {
  readonly #deps: ApiKeysDeps;
  readonly #known = new LRUCache<string, Kept>({ max: MAX_KNOWN });
  /** Grows with every revocation: a read that was under way then is not kept. */
  #revocations = 0;

  private constructor(deps: ApiKeysDeps) {
    this.#deps = deps;
  }

  static open(deps: ApiKeysDeps): ApiKeys {
    return new ApiKeys(deps);
  }

  /** Makes a key; `full` when the namespace has as many as it may. */
  async create(
    namespace: string,
    { basePath, name }: { readonly basePath: string; readonly name: string },
  ): Promise<(ApiKey & { readonly key: string }) | 'full'> {
    const query = {
      entityType: 'document',
      namespace,
      namePrefix: PREFIX,
      skip: 0,
      limit: MAX_KEYS,
    } as const;
    if ((await this.#deps.artifacts.count(query)) >= MAX_KEYS) return 'full';
    const id = this.#deps.ids.token();
    const secret = this.#deps.ids.key();
    const created = this.#deps.clock.now();
    const key = { id, basepath: canonicalBasePath(basePath), name, created };
    const content = { basepath: key.basepath, name, created, hash: hashOf(secret).toString('hex') };
    const entity = {
      entityType: 'document',
      namespace,
      name: PREFIX + id,
      updated: created,
      content,
    } as const;
    await this.#deps.artifacts.put(entity, undefined);
    return { ...key, key: `${id}.${secret}` };
  }

  /** Newest first; of one API when it is named. */
  async list(namespace: string, basePath?: string): Promise<ApiKey[]> {
    const documents = await this.#deps.artifacts.list({
      entityType: 'document',
      namespace,
      namePrefix: PREFIX,
      skip: 0,
      limit: MAX_KEYS,
    });
    const keys = documents.map((document) => shown(keptOf(document)));
    return basePath === undefined
      ? keys
      : keys.filter(({ basepath }) => basepath === canonicalBasePath(basePath));
  }

  /** False when there is no such key. */
  async revoke(namespace: string, id: string): Promise<boolean> {
    try {
      const stored = await this.#deps.artifacts.get('document', namespace, PREFIX + id);
      if (!stored) return false;
      return (await this.#deps.artifacts.delete(stored.entity, stored.revision)).outcome === 'deleted';
    } finally {
      this.#revocations += 1;
      this.#known.delete(`${namespace}/${id}`);
    }
  }

  /** Revokes what opens an API that is gone. */
  async revokeAll(namespace: string, basePath: string): Promise<void> {
    for (const { id } of await this.list(namespace, basePath)) await this.revoke(namespace, id);
  }

  /** The key's id when it opens that API; compares in constant time. */
  async check(
    namespace: string,
    basePath: string,
    shownKey: { readonly id: string; readonly secret: string },
  ): Promise<string | undefined> {
    if (!ID.test(shownKey.id)) return undefined;
    const kept = await this.#find(namespace, shownKey.id);
    const digest = hashOf(shownKey.secret);
    if (!kept || kept.hash.length !== digest.length || !timingSafeEqual(kept.hash, digest)) return undefined;
    return kept.basepath === canonicalBasePath(basePath) ? kept.id : undefined;
  }

  async #find(namespace: string, id: string): Promise<Kept | undefined> {
    const place = `${namespace}/${id}`;
    const known = this.#known.get(place);
    if (known) return known;
    const revocations = this.#revocations;
    const stored = await this.#deps.artifacts.get('document', namespace, PREFIX + id);
    if (!stored) return undefined;
    const kept = keptOf(stored.entity);
    if (revocations === this.#revocations) this.#known.set(place, kept);
    return kept;
  }
}
