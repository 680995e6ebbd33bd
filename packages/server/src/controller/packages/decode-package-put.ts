import {
  OWN_NAMESPACE,
  entityNameProblem,
  namespaceProblem,
  type Json,
  type JsonObject,
  type PackageEntity,
} from '@vibrissa/protocol';
import { isJsonObject } from '../../http/json-body.ts';
import { malformed, RequestError } from '../../http/request-error.ts';
import { decodeEntityPut, type EntityPut } from '../entities/entity-put.ts';
import { member } from '../entities/member.ts';

type Binding = NonNullable<PackageEntity['binding']>;

/** The PUT body of a package, checked; absent members were absent. */
export interface PackagePut extends EntityPut {
  readonly binding?: Binding;
}

/** Reads a PUT body; `_` in a binding becomes `ownNamespace`. Unknown members are ignored. Throws 400. */
export function decodePackagePut(body: JsonObject, ownNamespace: string): PackagePut {
  const binding = decodeBinding(member(body, 'binding'), ownNamespace);
  return { ...(binding === undefined ? {} : { binding }), ...decodeEntityPut(body) };
}

/** Clients send `{}` for a package that is bound to nothing. */
function decodeBinding(value: Json | undefined, ownNamespace: string): Binding | undefined {
  if (value === undefined || value === null) return undefined;
  if (isJsonObject(value)) {
    if (Object.keys(value).length === 0) return undefined;
    const given = member(value, 'namespace');
    const name = member(value, 'name');
    if (typeof given === 'string' && typeof name === 'string') {
      const namespace = given === OWN_NAMESPACE ? ownNamespace : given;
      const problem = namespaceProblem(namespace) ?? entityNameProblem(name);
      if (problem !== undefined) throw new RequestError(400, problem);
      return { namespace, name };
    }
  }
  throw malformed("'binding' must be an object with the texts 'namespace' and 'name', or an empty one");
}
