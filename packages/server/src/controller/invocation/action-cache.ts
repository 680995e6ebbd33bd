import type { EntityName } from '@vibrissa/protocol';
import { entityPath, qualifiedName } from '@vibrissa/protocol';
import { LRUCache } from 'lru-cache';
import { noMetrics, type Counter, type Metrics } from '../../base/metrics.ts';
import type { ArtifactStore } from '../../store/artifact-store.ts';
import type { PackageCache } from '../packages/package-cache.ts';
import { homeOf, type PackageView } from '../packages/package-view.ts';
import type { ResolvedAction } from './resolved-action.ts';

/** Finds the action of a name. Synchronous when it is known already. */
export interface ActionResolver {
  resolve(name: EntityName): ResolvedAction | undefined | Promise<ResolvedAction | undefined>;
}

interface ActionCacheDeps {
  readonly artifacts: Pick<ArtifactStore, 'get'>;
  readonly packages: Pick<PackageCache, 'get' | 'invalidate'>;
  /** Actions that are kept; metadata only, a kilobyte or so each. */
  readonly maxActions?: number;
  readonly metrics?: Metrics;
}

interface Known {
  readonly resolved: ResolvedAction;
  /** Absent in the default package. */
  readonly view: PackageView | undefined;
}

/** A container that was started with the environment of one version must not serve another's calls. */
function environmentOf(view: PackageView): { readonly environment?: string } {
  if (!view.parameters.some(({ init }) => init === true)) return {};
  const versionOf = ({ namespace, name, version, updated }: PackageView['entity']) =>
    `${namespace}/${name}@${version}-${updated}`;
  return { environment: [view.entity, homeOf(view)].map(versionOf).join(' ') };
}

/**
 * Actions' metadata in memory. The same object is given out until the action or its package changes, so that what others
 * derive from it may be kept beside it (a `WeakMap`).
 */
export class ActionCache implements ActionResolver {
  readonly #artifacts: Pick<ArtifactStore, 'get'>;
  readonly #packages: Pick<PackageCache, 'get' | 'invalidate'>;
  readonly #known: LRUCache<string, Known>;
  readonly #hits: Counter;
  readonly #misses: Counter;
  readonly #reads = new Map<string, Promise<ResolvedAction | undefined>>();

  private constructor(deps: ActionCacheDeps) {
    this.#artifacts = deps.artifacts;
    this.#packages = deps.packages;
    const metrics = deps.metrics ?? noMetrics;
    this.#hits = metrics.counter('counter_database_cacheHit_counter_total');
    this.#misses = metrics.counter('counter_database_cacheMiss_counter_total');
    this.#known = new LRUCache({ max: deps.maxActions ?? 10_000 });
  }

  static open(deps: ActionCacheDeps): ActionCache {
    return new ActionCache(deps);
  }

  /** An action that doesn't exist is asked for again each time. Failures of the store are thrown. */
  resolve(name: EntityName): ResolvedAction | undefined | Promise<ResolvedAction | undefined> {
    const key = qualifiedName(name);
    const known = this.#known.get(key);
    if (known && known.view?.stale !== true) {
      this.#hits.add();
      return known.resolved;
    }
    this.#misses.add();
    return this.#reads.get(key) ?? this.#read(key, name);
  }

  /** To be called when the action was written or deleted; a read that is under way is not kept either. */
  invalidate(name: EntityName): void {
    const key = qualifiedName(name);
    this.#known.delete(key);
    this.#reads.delete(key);
    // Bindings know it by other names.
    if (name.package !== undefined) this.#packages.invalidate(name.namespace, name.package);
  }

  #read(key: string, name: EntityName): Promise<ResolvedAction | undefined> {
    const read = this.#fetch(name).then(
      (found) => {
        if (this.#reads.get(key) === read) {
          this.#reads.delete(key);
          if (found) this.#known.set(key, found);
        }
        return found?.resolved;
      },
      (error: unknown) => {
        if (this.#reads.get(key) === read) this.#reads.delete(key);
        throw error;
      },
    );
    this.#reads.set(key, read);
    return read;
  }

  async #fetch(name: EntityName): Promise<Known | undefined> {
    if (name.package === undefined) {
      const action = await this.#artifacts.get('action', name.namespace, name.name);
      return action && { resolved: { name, action, packageParameters: [] }, view: undefined };
    }
    const view = await this.#packages.get(name.namespace, name.package);
    if (!view) return undefined;
    const home = homeOf(view);
    const real = { namespace: home.namespace, package: home.name, name: name.name };
    const action = await this.#artifacts.get('action', entityPath(real), real.name);
    if (!action) return undefined;
    const resolved = { name: real, action, packageParameters: view.parameters, ...environmentOf(view) };
    if (view.entity.binding === undefined) return { resolved, view };
    return { resolved: { ...resolved, binding: `${name.namespace}/${name.package}` }, view };
  }
}
