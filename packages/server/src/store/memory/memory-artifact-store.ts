import type {
  ArtifactStore,
  Entity,
  EntityOf,
  EntityQuery,
  EntityType,
  PutOutcome,
  Stored,
} from '../artifact-store.ts';

interface Slot extends Stored<Entity> {
  /** Grows with every write: the newer of two entities that were updated in the same millisecond. */
  readonly sequence: number;
}

function keyOf(path: string, name: string): string {
  return `${path}/${name}`;
}

function rootOf(path: string): string {
  const slash = path.indexOf('/');
  return slash === -1 ? path : path.slice(0, slash);
}

function isPublicPackage(entity: Entity): boolean {
  return entity.entityType === 'package' && entity.publish && entity.binding === undefined;
}

function isOfType<T extends EntityType>(slot: Slot, type: T): slot is Slot & Stored<EntityOf<T>> {
  return slot.entity.entityType === type;
}

function matches(entity: Entity, query: Omit<EntityQuery, 'skip' | 'limit'>): boolean {
  if (entity.entityType !== query.entityType) return false;
  if (query.publicOnly && !isPublicPackage(entity)) return false;
  if (query.namePrefix !== undefined && !entity.name.startsWith(query.namePrefix)) return false;
  return query.package === undefined
    ? rootOf(entity.namespace) === query.namespace
    : entity.namespace === `${query.namespace}/${query.package}`;
}

/** Keeps entities for the life of the process: for tests and for platforms that shall forget. */
export class MemoryArtifactStore implements ArtifactStore {
  readonly #slots = new Map<string, Slot>();
  #writes = 0;

  async get<T extends EntityType>(
    entityType: T,
    path: string,
    name: string,
  ): Promise<Stored<EntityOf<T>> | undefined> {
    const slot = this.#slots.get(keyOf(path, name));
    if (!slot || !isOfType(slot, entityType)) return undefined;
    return { entity: slot.entity, revision: slot.revision };
  }

  async typeOf(path: string, name: string): Promise<EntityType | undefined> {
    return this.#slots.get(keyOf(path, name))?.entity.entityType;
  }

  async put(entity: Entity, basedOn: string | undefined): Promise<PutOutcome> {
    const key = keyOf(entity.namespace, entity.name);
    if (this.#slots.get(key)?.revision !== basedOn) return { outcome: 'conflict' };
    const sequence = ++this.#writes;
    const revision = String(sequence);
    this.#slots.set(key, { entity: structuredClone(entity), revision, sequence });
    return { outcome: 'stored', revision };
  }

  async delete(entity: Entity, revision: string): Promise<{ readonly outcome: 'deleted' | 'conflict' }> {
    const key = keyOf(entity.namespace, entity.name);
    if (this.#slots.get(key)?.revision !== revision) return { outcome: 'conflict' };
    this.#slots.delete(key);
    return { outcome: 'deleted' };
  }

  async list<T extends EntityType>(query: EntityQuery<T>): Promise<readonly EntityOf<T>[]> {
    return [...this.#slots.values()]
      .filter((slot) => isOfType(slot, query.entityType))
      .filter(({ entity }) => matches(entity, query))
      .sort((left, right) => right.entity.updated - left.entity.updated || right.sequence - left.sequence)
      .slice(query.skip, query.skip + query.limit)
      .map(({ entity }) => entity);
  }

  async count(query: EntityQuery): Promise<number> {
    let count = 0;
    for (const { entity } of this.#slots.values()) if (matches(entity, query)) count++;
    return Math.max(0, count - query.skip);
  }
}
