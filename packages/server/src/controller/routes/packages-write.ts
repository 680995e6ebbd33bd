import { errorTexts, type EntityName, type SystemLimits } from '@vibrissa/protocol';
import { json, type Answer } from '../../http/answer.ts';
import { requireObject } from '../../http/json-body.ts';
import { booleanOf } from '../../http/query.ts';
import { RequestError } from '../../http/request-error.ts';
import type { AuthenticatedCall } from '../../http/route.ts';
import { checkEntitySizes } from '../entities/entity-sizes.ts';
import { decodePackagePut } from '../packages/decode-package-put.ts';
import { packageDocument } from '../packages/package-documents.ts';
import { removePackage, writePackage, type PackagePlace } from '../packages/write-package.ts';
import { requireAllowed } from '../entitlement/require-allowed.ts';
import { entityNameOf, requireRight } from './call-target.ts';
import type { Clock } from '../../base/clock.ts';
import type { ArtifactStore } from '../../store/artifact-store.ts';
import type { EntitlementChecks } from '../entitlement/entitlement-checks.ts';
import type { PackageCache } from '../packages/package-cache.ts';
import type { PackageWrites } from '../packages/package-writes.ts';
import type { ParameterLocks } from '../../parameters/parameter-locks.ts';

/** What reading and writing packages stands on. */
export interface PackageRouteDeps {
  readonly artifacts: ArtifactStore;
  /** Told when what lies in a package goes with it. */
  readonly actions: { invalidate(name: EntityName): void };
  readonly packages: Pick<PackageCache, 'get' | 'invalidate'>;
  readonly packageWrites: PackageWrites;
  /** Locks the parameters of what is written. */
  readonly parameterLocks: Pick<ParameterLocks, 'lock'>;
  readonly entitlements: EntitlementChecks;
  readonly limits: SystemLimits;
  readonly clock: Clock;
}

/** In the place of a package's name it once stood for none. */
const RESERVED_NAME = 'default';

/** Who binds a package has to be allowed to read it. Throws 400 when it isn't there, 403, and 409 for what is no package. */
async function requireBindable(
  deps: PackageRouteDeps,
  call: AuthenticatedCall,
  place: PackagePlace,
): Promise<void> {
  const resource = { collection: 'packages', ...place } as const;
  const right = await deps.entitlements.check(call.identity, 'READ', resource);
  if (!right.allowed && right.status === 404) throw new RequestError(400, errorTexts.bindingMissing);
  if (!right.allowed && right.status === 409) throw new RequestError(409, errorTexts.bindingOfOther);
  requireAllowed(right);
}

/** `PUT …/packages/{name}`: rights, name, body, sizes, what it binds, and only then what is there already. */
export async function putPackage(deps: PackageRouteDeps, call: AuthenticatedCall): Promise<Answer> {
  const place = entityNameOf(call);
  const overwrite = booleanOf(call.query, 'overwrite', false);
  await requireRight(deps.entitlements, call, { privilege: 'PUT', collection: 'packages', ...place });
  if (place.name === RESERVED_NAME) throw new RequestError(400, errorTexts.packageReserved(place.name));
  const put = decodePackagePut(requireObject(call.readJson()), call.identity.namespace.name);
  checkEntitySizes(put, deps.entitlements.effectiveLimits(call.identity));
  if (put.binding !== undefined) await requireBindable(deps, call, put.binding);
  const entity = await deps.packageWrites.alone(place, () =>
    writePackage(deps, place, { put, overwrite, updated: deps.clock.now() }),
  );
  return json(200, packageDocument(entity));
}

/** `DELETE …/packages/{name}`: answers with what was deleted. */
export async function deletePackage(deps: PackageRouteDeps, call: AuthenticatedCall): Promise<Answer> {
  const place = entityNameOf(call);
  const force = booleanOf(call.query, 'force', false);
  await requireRight(deps.entitlements, call, { privilege: 'DELETE', collection: 'packages', ...place });
  const entity = await deps.packageWrites.alone(place, () => removePackage(deps, place, force));
  return json(200, packageDocument(entity));
}
