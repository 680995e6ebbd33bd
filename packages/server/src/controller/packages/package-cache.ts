import type { PackageEntity, Parameter } from '@vibrissa/protocol';
import { LRUCache } from 'lru-cache';
import type { ArtifactStore } from '../../store/artifact-store.ts';
import { overlayParameters } from './overlay-parameters.ts';
import type { PackageView } from './package-view.ts';

interface PackageCacheDeps {
  readonly artifacts: Pick<ArtifactStore, 'get' | 'typeOf'>;
  /** Packages that are kept; a kilobyte or so each. */
  readonly maxPackages?: number;
}

/** One package as it was read. A binding is as fresh as what it is bound to. */
class Read implements PackageView {
  readonly entity: PackageEntity;
  readonly parameters: readonly Parameter[];
  readonly #provider: Read | undefined;
  #stale = false;

  constructor(entity: PackageEntity, provider: Read | undefined) {
    this.entity = entity;
    this.#provider = provider;
    this.parameters = provider
      ? overlayParameters(provider.entity.parameters, entity.parameters)
      : entity.parameters;
  }

  get provider(): PackageEntity | undefined {
    return this.#provider?.entity;
  }

  get stale(): boolean {
    return this.#stale || this.#provider?.stale === true;
  }

  spoil(): void {
    this.#stale = true;
  }
}

/** Packages in memory, for rights and parameters of every invocation of a packaged action. */
export class PackageCache {
  readonly #artifacts: Pick<ArtifactStore, 'get' | 'typeOf'>;
  readonly #known: LRUCache<string, Read>;
  /** Grows with every write: what was read before one is not kept after it. */
  #writes = 0;

  private constructor(deps: PackageCacheDeps) {
    this.#artifacts = deps.artifacts;
    this.#known = new LRUCache({ max: deps.maxPackages ?? 10_000, dispose: (read) => read.spoil() });
  }

  static open(deps: PackageCacheDeps): PackageCache {
    return new PackageCache(deps);
  }

  /** Synchronous when it is known. One that doesn't exist is asked for each time. Failures of the store are thrown. */
  get(namespace: string, name: string): PackageView | undefined | Promise<PackageView | undefined> {
    const known = this.#known.get(`${namespace}/${name}`);
    return known && !known.stale ? known : this.#read(namespace, name);
  }

  /** Is the name one of an action, a trigger or a rule? */
  async isOther(namespace: string, name: string): Promise<boolean> {
    const type = await this.#artifacts.typeOf(namespace, name);
    return type !== undefined && type !== 'package';
  }

  /** To be called when the package, or an action in it, was written or deleted. */
  invalidate(namespace: string, name: string): void {
    this.#writes += 1;
    this.#known.delete(`${namespace}/${name}`);
  }

  async #read(namespace: string, name: string): Promise<Read | undefined> {
    const writes = this.#writes;
    const found = await this.#artifacts.get('package', namespace, name);
    if (!found) return undefined;
    const { binding } = found.entity;
    const provider = binding && (await this.#provider(binding));
    const read = new Read(found.entity, provider);
    // A binding to nothing changes without being written: when there is something. So does one to another binding.
    const isWhole = binding === undefined || (provider && provider.entity.binding === undefined);
    if (isWhole && this.#writes === writes) this.#known.set(`${namespace}/${name}`, read);
    else read.spoil();
    return read;
  }

  /** A binding is followed one step, so that a circle of them (a fault, but of long ago) ends here. */
  async #provider({ namespace, name }: NonNullable<PackageEntity['binding']>): Promise<Read | undefined> {
    const key = `${namespace}/${name}`;
    const known = this.#known.get(key);
    if (known && !known.stale) return known;
    const writes = this.#writes;
    const found = await this.#artifacts.get('package', namespace, name);
    if (!found) return undefined;
    const read = new Read(found.entity, undefined);
    if (found.entity.binding === undefined && this.#writes === writes) this.#known.set(key, read);
    return read;
  }
}
