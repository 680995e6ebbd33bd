import { errorTexts, type ActionEntity, type PackageEntity } from '@vibrissa/protocol';
import { notFound, RequestError } from '../../http/request-error.ts';
import type { ParameterLocks } from '../../parameters/parameter-locks.ts';
import type { ArtifactStore, Stored } from '../../store/artifact-store.ts';
import type { PackagePut } from './decode-package-put.ts';
import { createPackage, updatePackage } from './merge-package.ts';
import type { PackageCache } from './package-cache.ts';

/** Where a package lies. */
export interface PackagePlace {
  readonly namespace: string;
  readonly name: string;
}

/** What writing packages stands on. Whoever calls holds the package alone (`PackageWrites`). */
interface PackageStores {
  readonly artifacts: ArtifactStore;
  readonly packages: Pick<PackageCache, 'get' | 'invalidate'>;
  readonly parameterLocks: Pick<ParameterLocks, 'lock'>;
  readonly actions: {
    invalidate(name: { readonly namespace: string; readonly package: string; readonly name: string }): void;
  };
}

/** How many actions a package is asked for at once: more than anybody has. */
export const ALL_ACTIONS = 1_000_000;

async function existingPackage(
  { artifacts }: PackageStores,
  { namespace, name }: PackagePlace,
): Promise<Stored<PackageEntity> | undefined> {
  const existing = await artifacts.get('package', namespace, name);
  if (existing === undefined && (await artifacts.typeOf(namespace, name)) !== undefined) {
    throw new RequestError(409, errorTexts.notInCollection);
  }
  return existing;
}

/** A package can be bound to a package of its own only; a package never becomes a binding. Throws 400, 409 and 422. */
async function checkBinding(
  { packages }: PackageStores,
  place: PackagePlace,
  writing: { readonly put: PackagePut; readonly existing: PackageEntity | undefined },
): Promise<void> {
  const { binding } = writing.put;
  if (binding === undefined) return;
  if (writing.existing !== undefined && writing.existing.binding === undefined) {
    throw new RequestError(409, errorTexts.packageNotBinding);
  }
  const { namespace, name } = binding;
  if (namespace === place.namespace && name === place.name) {
    throw new RequestError(422, errorTexts.bindingCircular(`${namespace}/${name}`));
  }
  const provider = await packages.get(namespace, name);
  if (provider === undefined) throw new RequestError(400, errorTexts.bindingMissing);
  if (provider.entity.binding !== undefined) throw new RequestError(400, errorTexts.bindingOfBinding);
}

/** Creates a package, or replaces it where it may be. `updated`: epoch milliseconds. Throws what the client gets. */
export async function writePackage(
  stores: PackageStores,
  place: PackagePlace,
  write: { readonly put: PackagePut; readonly overwrite: boolean; readonly updated: number },
): Promise<PackageEntity> {
  const { put, updated } = write;
  const existing = await existingPackage(stores, place);
  if (existing !== undefined && !write.overwrite) throw new RequestError(409, errorTexts.alreadyExists);
  await checkBinding(stores, place, { put, existing: existing?.entity });
  const merged =
    existing === undefined
      ? createPackage(place, put, updated)
      : updatePackage(existing.entity, put, updated);
  const entity = { ...merged, parameters: stores.parameterLocks.lock(merged.parameters) };
  const { outcome } = await stores.artifacts.put(entity, existing?.revision);
  stores.packages.invalidate(place.namespace, place.name);
  if (outcome === 'conflict') throw new RequestError(409, errorTexts.concurrentModification);
  return entity;
}

/** Deletes a package, with `force` what it holds first. Throws 404, and 409 when it holds something or changes meanwhile. */
export async function removePackage(
  stores: PackageStores,
  place: PackagePlace,
  force: boolean,
): Promise<PackageEntity> {
  const existing = await existingPackage(stores, place);
  if (existing === undefined) throw notFound();
  const { entity, revision } = existing;
  if (entity.binding === undefined) await empty(stores, place, force);
  const { outcome } = await stores.artifacts.delete(entity, revision);
  stores.packages.invalidate(place.namespace, place.name);
  if (outcome === 'conflict') throw new RequestError(409, errorTexts.concurrentModification);
  return entity;
}

async function empty(
  stores: PackageStores,
  { namespace, name }: PackagePlace,
  force: boolean,
): Promise<void> {
  const query = { entityType: 'action', namespace, package: name, skip: 0 } as const;
  if (!force) {
    const count = await stores.artifacts.count({ ...query, limit: ALL_ACTIONS });
    if (count > 0) throw new RequestError(409, errorTexts.packageNotEmpty(count));
    return;
  }
  for (const action of await stores.artifacts.list({ ...query, limit: ALL_ACTIONS })) {
    await removeAction(stores, action, { namespace, package: name, name: action.name });
  }
}

async function removeAction(
  { artifacts, actions }: PackageStores,
  action: ActionEntity,
  name: { readonly namespace: string; readonly package: string; readonly name: string },
): Promise<void> {
  const newest = await artifacts.get('action', action.namespace, action.name);
  // Nobody writes it meanwhile; at most it is deleted before us.
  if (newest !== undefined) await artifacts.delete(newest.entity, newest.revision);
  actions.invalidate(name);
}
