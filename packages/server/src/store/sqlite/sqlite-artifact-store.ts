import { LRUCache } from 'lru-cache';

import type {
  ArtifactStore,
  Entity,
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

  async get(entityType: EntityType, path: string, name: string): Promise<Stored<Entity> | undefined> {
    const key = `${path}/${name}`;
    const cached = this.#cache.get(key);
    if (cached) return cached.entity.entityType === entityType ? cached : undefined;
    const writes = this.#writes;
    const row = await this.#thread.call('entities.get', entityType, path, name);
    if (!row) return undefined;
    const stored = { entity: this.#decode(row), revision: row.revision };
    const size = row.json.length + (row.sealed?.byteLength ?? 0);
    if (this.#writes === writes) this.#cache.set(key, stored, { size });
    return stored;
  }

  typeOf(path: string, name: string): Promise<EntityType | undefined> {
    return this.#thread.call('entities.typeOf', path, name);
  }

  async put(entity: Entity, basedOn: string | undefined): Promise<PutOutcome> {
    const { namespace: path, name, entityType, updated, exec } = entity;
    const { parameters, ...rest } = entity;
    const sealed =
      parameters.length === 0
        ? null
        : this.#sealer().seal(JSON.stringify(parameters), entityContext({ path, name }));
    const row = {
      entityType,
      path,
      name,
      updated,
      digest: exec.codeDigest ?? null,
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

  async list(query: EntityQuery): Promise<readonly Entity[]> {
    return (await this.#thread.call('entities.list', query)).map((row) => this.#decode(row));
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
    const entity = JSON.parse(row.json) as Omit<Entity, 'parameters'>;
    const parameters = row.sealed
      ? (JSON.parse(this.#sealer().unseal(row.sealed, entityContext(row))) as Entity['parameters'])
      : [];
    return { ...entity, parameters };
  }
}
