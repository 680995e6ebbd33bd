import { errorTexts, type Identity } from '@vibrissa/protocol';
import { RequestError } from '../../http/request-error.ts';
import type { EntitlementChecks } from './entitlement-checks.ts';
import { resourceName, type Resource } from './entitlement.ts';
import { requireAllowed } from './require-allowed.ts';

/** Who refers to something must be allowed to read it. Throws 403 with all names that are refused, or 404. */
export async function requireReadable(
  entitlements: Pick<EntitlementChecks, 'check'>,
  identity: Identity,
  resources: readonly Resource[],
): Promise<void> {
  const asked = await Promise.all(
    resources.map(async (resource) => {
      const entitlement = await entitlements.check(identity, 'READ', resource);
      return { resource, entitlement };
    }),
  );
  const forbidden = asked.filter(({ entitlement }) => !entitlement.allowed && entitlement.status === 403);
  if (forbidden.length > 0) {
    const names = new Set(forbidden.map(({ resource }) => resourceName(resource)));
    throw new RequestError(403, errorTexts.notAuthorized([...names]));
  }
  for (const { entitlement } of asked) requireAllowed(entitlement);
}
