import type { KeyValue, PackageEntity } from '@vibrissa/protocol';
import { commonOfNew, commonOfUpdate } from '../entities/merge-put.ts';
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
  const common = commonOfNew(put, updated);
  return {
    ...common,
    entityType: 'package',
    namespace: place.namespace,
    name: place.name,
    parameters: put.parameters ?? [],
    annotations: annotated(common.annotations, put.binding),
    ...(put.binding === undefined ? {} : { binding: put.binding }),
  };
}

/** The package after an update: what the body leaves out stays; parameters and annotations are replaced as a whole. */
export function updatePackage(old: PackageEntity, put: PackagePut, updated: number): PackageEntity {
  const binding = put.binding ?? old.binding;
  const common = commonOfUpdate(old, put, updated);
  return {
    ...old,
    ...common,
    parameters: put.parameters ?? old.parameters,
    annotations: annotated(common.annotations, binding),
    ...(binding === undefined ? {} : { binding }),
  };
}
