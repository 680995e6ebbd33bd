/**
 * Entities that users write: actions, packages, triggers, rules; and the documents of the platform's own services.
 *
 * An *entity* is a JSON document with an `entityType`, filed under its *path* (`ns` or `ns/pkg`) and *name*.
 * A *revision* is an opaque text that changes at every write; a write names the revision it was based on, and
 * fails with `conflict` when another came first.
 *
 *     const found = await store.get('action', 'guest', 'hello');
 *     const put = await store.put({ ...entity, version: '0.0.2' }, found?.revision);
 *     if (put.outcome === 'conflict') …                      // 409 Concurrent modification
 *
 * Every method may be repeated safely but `put` and `delete` (guarded by the revision). A write is durable when
 * its promise resolves. Failures of the engine are thrown as `StoreError`; expected outcomes are values.
 */
import type {
  ActionEntity,
  DocumentEntity,
  PackageEntity,
  RuleEntity,
  TriggerEntity,
} from '@vibrissa/protocol';

export type Entity = ActionEntity | PackageEntity | TriggerEntity | RuleEntity | DocumentEntity;
export type EntityType = Entity['entityType'];
export type EntityOf<T extends EntityType> = Extract<Entity, { readonly entityType: T }>;

export interface Stored<E> {
  readonly entity: E;
  readonly revision: string;
}

export type PutOutcome =
  { readonly outcome: 'stored'; readonly revision: string } | { readonly outcome: 'conflict' };

export interface EntityQuery<T extends EntityType = EntityType> {
  readonly entityType: T;
  /** Root namespace; entities of its packages belong to it. */
  readonly namespace: string;
  /** Only this package's. */
  readonly package?: string;
  /** Only packages that everybody may see: public ones that are no bindings. */
  readonly publicOnly?: true;
  /** Only what has a name that begins so. */
  readonly namePrefix?: string;
  readonly skip: number;
  /** 0 means no entities (the route turns its own 0 into the maximum first). */
  readonly limit: number;
}

export interface ArtifactStore {
  /** The entity of that type under path (`ns[/pkg]`) and name. Idempotent. */
  get<T extends EntityType>(
    entityType: T,
    path: string,
    name: string,
  ): Promise<Stored<EntityOf<T>> | undefined>;
  /** The type under which that path and name is taken, if any: names are unique across types. Idempotent. */
  typeOf(path: string, name: string): Promise<EntityType | undefined>;
  /** Creates (no `basedOn`) or replaces (with it). A create over an existing entity is a conflict. */
  put(entity: Entity, basedOn: string | undefined): Promise<PutOutcome>;
  /** Removes that revision; `conflict` when it is not the newest, also when it is gone. */
  delete(entity: Entity, revision: string): Promise<{ readonly outcome: 'deleted' | 'conflict' }>;
  /** Newest `updated` first. Idempotent. */
  list<T extends EntityType>(query: EntityQuery<T>): Promise<readonly EntityOf<T>[]>;
  /** How many match, less `skip`, never below 0. Idempotent. */
  count(query: EntityQuery): Promise<number>;
}
