import type { ActionEntity, Json } from '@vibrissa/protocol';
import { LRUCache } from 'lru-cache';

import type {
  ArtifactStore,
  Entity,
  EntityOf,
  EntityQuery,
  EntityType,
  PutOutcome,
  Stored,
} from '../artifact-store.ts';
import type { Sealer } from '../crypto/sealer.ts';
import type { StoredEntityRow } from './thread/calls.ts';
import { entityContext } from './thread/sealed-tables.ts';
import type { ThreadClient } from './thread/thread-client.ts';

/** Characters of JSON that are kept in memory. */
const CACHE_SIZE = 16 * 1024 * 1024;

function isOfType<T extends EntityType>(stored: Stored<Entity>, type: T): stored is Stored<EntityOf<T>> {
  return stored.entity.entityType === type;
}

/** An entity without what lies sealed, and that: the parameters, or the content of a document. */
function takeApart(entity: Entity): [rest: object, secret: unknown] {
  switch (entity.entityType) {
    case 'action':
    case 'package':
    case 'trigger': {
      const { parameters, ...rest } = entity;
      return [rest, parameters.length === 0 ? undefined : parameters];
    }
    case 'document': {
      const { content, ...rest } = entity;
      return [rest, content];
    }
    case 'rule':
      return [entity, undefined];
  }
}

function putTogether(rest: Entity, secret: Json | undefined): Entity {
  switch (rest.entityType) {
    case 'action':
    case 'package':
    case 'trigger':
      return { ...rest, parameters: (secret ?? []) as unknown as ActionEntity['parameters'] };
    case 'document':
      return { ...rest, content: secret ?? null };
    case 'rule':
      return rest;
  }
}

/**
 * Entities in `entities.db`, with the newest revisions of those in use in memory: the data directory has one
 * process, so that every write passes here. Parameters lie sealed beside the rest.
 */
export class SqliteArtifactStore implements ArtifactStore {
  readonly #thread: ThreadClient;
  readonly #sealer: () => Sealer;
  readonly #cache = new LRUCache<string, Stored<Entity>>({ maxSize: CACHE_SIZE });
  /** Grows with every write: what was read before one is not kept after it. */
  #writes = 0;

  constructor(thread: ThreadClient, sealer: () => Sealer) {
    this.#thread = thread;
    this.#sealer = sealer;
  }

  async get<T extends EntityType>(
    entityType: T,
    path: string,
    name: string,
  ): Promise<Stored<EntityOf<T>> | undefined> {
    const key = `${path}/${name}`;
    const cached = this.#cache.get(key);
    if (cached) return isOfType(cached, entityType) ? cached : undefined;
    const writes = this.#writes;
    const row = await this.#thread.call('entities.get', entityType, path, name);
    if (!row) return undefined;
    const stored = { entity: this.#decode(row) as EntityOf<T>, revision: row.revision };
    const size = row.json.length + (row.sealed?.byteLength ?? 0);
    if (this.#writes === writes) this.#cache.set(key, stored, { size });
    return stored;
  }

  typeOf(path: string, name: string): Promise<EntityType | undefined> {
    return this.#thread.call('entities.typeOf', path, name);
  }

  async put(entity: Entity, basedOn: string | undefined): Promise<PutOutcome> {
    const { namespace: path, name, entityType, updated } = entity;
    const [rest, secret] = takeApart(entity);
    const sealed =
      secret === undefined
        ? null
        : this.#sealer().seal(JSON.stringify(secret), entityContext({ path, name }));
    const row = {
      entityType,
      path,
      name,
      updated,
      digest: entity.entityType === 'action' ? (entity.exec.codeDigest ?? null) : null,
      json: JSON.stringify(rest),
      sealed,
      keyId: sealed && this.#sealer().keyId,
    };
    const revision = await this.#writing(path, name, () => this.#thread.call('entities.put', row, basedOn));
    return revision === undefined ? { outcome: 'conflict' } : { outcome: 'stored', revision };
  }

  async delete(entity: Entity, revision: string): Promise<{ readonly outcome: 'deleted' | 'conflict' }> {
    const { namespace: path, name, entityType: type } = entity;
    const deleted = await this.#writing(path, name, () =>
      this.#thread.call('entities.delete', { type, path, name }, revision),
    );
    return { outcome: deleted ? 'deleted' : 'conflict' };
  }

  async list<T extends EntityType>(query: EntityQuery<T>): Promise<readonly EntityOf<T>[]> {
    return (await this.#thread.call('entities.list', query)).map((row) => this.#decode(row) as EntityOf<T>);
  }

  count(query: EntityQuery): Promise<number> {
    return this.#thread.call('entities.count', query);
  }

  async #writing<T>(path: string, name: string, write: () => Promise<T>): Promise<T> {
    try {
      return await write();
    } finally {
      this.#writes += 1;
      this.#cache.delete(`${path}/${name}`);
    }
  }

  #decode(row: StoredEntityRow): Entity {
    const secret = row.sealed
      ? (JSON.parse(this.#sealer().unseal(row.sealed, entityContext(row))) as Json)
      : undefined;
    return putTogether(JSON.parse(row.json) as Entity, secret);
  }
}
