import {
  OWN_NAMESPACE,
  entityNameProblem,
  namespaceProblem,
  type EntityName,
  type Privilege,
} from '@vibrissa/protocol';
import { RequestError } from '../../http/request-error.ts';
import type { AuthenticatedCall } from '../../http/route.ts';
import type { EntitlementChecks } from '../entitlement/entitlement-checks.ts';
import type { Resource } from '../entitlement/entitlement.ts';
import { requireAllowed } from '../entitlement/require-allowed.ts';

/** The namespace of the path; `_` is the caller's own. Throws 400. */
export function namespaceOf(call: AuthenticatedCall): string {
  const given = call.params.ns ?? '';
  if (given === OWN_NAMESPACE) return call.identity.namespace.name;
  const problem = namespaceProblem(given);
  if (problem !== undefined) throw new RequestError(400, problem);
  return given;
}

/** A path segment that has to be an entity's or package's name. Throws 400. */
export function segmentOf(call: AuthenticatedCall, parameter: string): string {
  const segment = call.params[parameter] ?? '';
  const problem = entityNameProblem(segment);
  if (problem !== undefined) throw new RequestError(400, problem);
  return segment;
}

/** The entity that the path names: `:ns`, `:pkg` where the path has one, `:name`. Throws 400. */
export function entityNameOf(call: AuthenticatedCall): EntityName {
  const namespace = namespaceOf(call);
  if (call.params.pkg === undefined) return { namespace, name: segmentOf(call, 'name') };
  return { namespace, package: segmentOf(call, 'pkg'), name: segmentOf(call, 'name') };
}

/** Asks, and throws 403 or 404 when the answer is no. */
export async function requireRight(
  entitlements: EntitlementChecks,
  call: AuthenticatedCall,
  wish: Resource & { readonly privilege: Privilege },
): Promise<void> {
  const { privilege, ...resource } = wish;
  requireAllowed(await entitlements.check(call.identity, privilege, resource));
}
