import type { ActionEntity, EntityName } from '@vibrissa/protocol';
import { entityPath, qualifiedName } from '@vibrissa/protocol';
import { LRUCache } from 'lru-cache';
import type { ArtifactStore, Stored } from '../../store/artifact-store.ts';

/** Finds the action of a name. Synchronous when it is known already. */
export interface ActionResolver {
  resolve(name: EntityName): Stored<ActionEntity> | undefined | Promise<Stored<ActionEntity> | undefined>;
}

interface ActionCacheDeps {
  readonly artifacts: Pick<ArtifactStore, 'get'>;
  /** Actions that are kept; metadata only, a kilobyte or so each. */
  readonly maxActions?: number;
}

/**
 * Actions' metadata in memory. The same object is given out until the action changes, so that what others derive from it
 * may be kept beside it (a `WeakMap`).
 */
export class ActionCache implements ActionResolver {
  readonly #artifacts: Pick<ArtifactStore, 'get'>;
  readonly #known: LRUCache<string, Stored<ActionEntity>>;
  readonly #reads = new Map<string, Promise<Stored<ActionEntity> | undefined>>();

  private constructor(deps: ActionCacheDeps) {
    this.#artifacts = deps.artifacts;
    this.#known = new LRUCache({ max: deps.maxActions ?? 10_000 });
  }

  static open(deps: ActionCacheDeps): ActionCache {
    return new ActionCache(deps);
  }

  /** An action that doesn't exist is asked for again each time. Failures of the store are thrown. */
  resolve(name: EntityName): Stored<ActionEntity> | undefined | Promise<Stored<ActionEntity> | undefined> {
    const key = qualifiedName(name);
    return this.#known.get(key) ?? this.#reads.get(key) ?? this.#read(key, name);
  }

  /** To be called when the action was written or deleted; a read that is under way is not kept either. */
  invalidate(name: EntityName): void {
    const key = qualifiedName(name);
    this.#known.delete(key);
    this.#reads.delete(key);
  }

  #read(key: string, name: EntityName): Promise<Stored<ActionEntity> | undefined> {
    const read = this.#fetch(name).then(
      (found) => {
        if (this.#reads.get(key) === read) {
          this.#reads.delete(key);
          if (found) this.#known.set(key, found);
        }
        return found;
      },
      (error: unknown) => {
        if (this.#reads.get(key) === read) this.#reads.delete(key);
        throw error;
      },
    );
    this.#reads.set(key, read);
    return read;
  }

  async #fetch(name: EntityName): Promise<Stored<ActionEntity> | undefined> {
    return this.#artifacts.get('action', entityPath(name), name.name);
  }
}
