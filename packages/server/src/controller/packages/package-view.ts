import type { PackageEntity, Parameter } from '@vibrissa/protocol';

/** A package as whoever uses it sees it: a binding with what it is bound to. */
export interface PackageView {
  readonly entity: PackageEntity;
  /** What a binding is bound to; undefined for a package of its own, and when that one is gone. */
  readonly provider: PackageEntity | undefined;
  /** The package's; for a binding its own over the provider's. */
  readonly parameters: readonly Parameter[];
  /** It, its provider or one of their actions has been written since. */
  readonly stale: boolean;
}

/** Where a package's actions lie: with its provider, for a binding. */
export function homeOf({ entity, provider }: PackageView): PackageEntity {
  return provider ?? entity;
}

/**
 * May who owns `namespace` read the package, and invoke what it holds? A binding is its owner's alone, and is worth what
 * its provider is worth to that owner; one that is bound to nothing has nothing to read.
 */
export function isReadable({ entity, provider }: PackageView, namespace: string): boolean {
  const isOwner = entity.namespace === namespace;
  if (entity.binding === undefined) return isOwner || entity.publish;
  if (!isOwner || provider === undefined) return false;
  return provider.namespace === namespace || (provider.publish && provider.binding === undefined);
}
