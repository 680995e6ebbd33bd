import { FIRST_VERSION, nextVersion, type KeyValue, type PackageEntity } from '@vibrissa/protocol';
import type { PackagePut } from './decode-package-put.ts';

/** The server says what a package is bound to; what a client says of it doesn't count. */
const BINDING = 'binding';

function annotated(given: readonly KeyValue[], binding: PackageEntity['binding']): readonly KeyValue[] {
  const others = given.filter(({ key }) => key !== BINDING);
  if (binding === undefined) return others;
  return [...others, { key: BINDING, value: { name: binding.name, namespace: binding.namespace } }];
}

/** A new package or binding. `updated`: epoch milliseconds. */
export function createPackage(
  place: { readonly namespace: string; readonly name: string },
  put: PackagePut,
  updated: number,
): PackageEntity {
  return {
    entityType: 'package',
    namespace: place.namespace,
    name: place.name,
    version: put.version ?? FIRST_VERSION,
    publish: put.publish ?? false,
    updated,
    parameters: put.parameters ?? [],
    annotations: annotated(put.annotations ?? [], put.binding),
    ...(put.binding === undefined ? {} : { binding: put.binding }),
  };
}

/** The package after an update: what the body leaves out stays; parameters and annotations are replaced as a whole. */
export function updatePackage(old: PackageEntity, put: PackagePut, updated: number): PackageEntity {
  const binding = put.binding ?? old.binding;
  return {
    ...old,
    version: put.version ?? nextVersion(old.version),
    publish: put.publish ?? old.publish,
    updated,
    parameters: put.parameters ?? old.parameters,
    annotations: annotated(put.annotations ?? old.annotations, binding),
    ...(binding === undefined ? {} : { binding }),
  };
}
