import type { EntityName, Privilege } from '@vibrissa/protocol';

/** An answer to "may I?". */
export type Entitlement =
  | { readonly allowed: true }
  | { readonly allowed: false; readonly status: 403 | 404 | 409 | 429; readonly message: string };

/** What someone wants to do something with. Without `name`: the collection itself. */
export interface Resource {
  readonly collection: 'actions' | 'packages' | 'triggers' | 'rules' | 'activations' | 'namespaces';
  readonly namespace: string;
  readonly package?: string;
  readonly name?: string;
}

export const allowed: Entitlement = { allowed: true };

export function refused(status: 403 | 404 | 409 | 429, message: string): Entitlement {
  return { allowed: false, status, message };
}

/** `ns`, `ns/name` or `ns/pkg/name`: how a refusal calls the resource. */
export function resourceName(resource: Resource | EntityName): string {
  let name = resource.namespace;
  if (resource.package !== undefined) name += `/${resource.package}`;
  if (resource.name !== undefined) name += `/${resource.name}`;
  return name;
}

/**
 * Privileges, as OpenWhisk has them: the caller's rights must include the privilege, and the resource must lie in the
 * caller's namespace. Only the list of another's packages is open to all (it shows the public ones).
 */
export function mayUse(
  caller: { readonly namespace: string; readonly rights: readonly Privilege[] },
  privilege: Privilege,
  resource: Resource,
): boolean {
  if (!caller.rights.includes(privilege)) return false;
  if (resource.namespace === caller.namespace) return true;
  return privilege === 'READ' && resource.collection === 'packages' && resource.name === undefined;
}
