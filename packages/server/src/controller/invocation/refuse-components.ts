import {
  errorTexts,
  OWN_NAMESPACE,
  parseQualifiedName,
  type ExecMeta,
  type Identity,
} from '@vibrissa/protocol';
import type { EntitlementChecks } from '../entitlement/entitlement-checks.ts';
import { resourceName } from '../entitlement/entitlement.ts';
import type { Refusal } from './admission.ts';

/**
 * Why the caller may not invoke a sequence, though its name is open to all: because of components that aren't. One that
 * is missing stops the sequence only when its turn comes.
 */
export async function refuseComponents(
  identity: Identity,
  { components = [] }: Pick<ExecMeta, 'components'>,
  entitlements: Pick<EntitlementChecks, 'check'>,
): Promise<Refusal | undefined> {
  const forbidden = new Set<string>();
  for (const text of components) {
    const parsed = parseQualifiedName(text, OWN_NAMESPACE);
    if (!parsed.ok) continue;
    const right = await entitlements.check(identity, 'ACTIVATE', { collection: 'actions', ...parsed.name });
    if (!right.allowed && right.status === 403) forbidden.add(resourceName(parsed.name));
  }
  if (forbidden.size === 0) return undefined;
  return { outcome: 'refused', status: 403, message: errorTexts.notAuthorized([...forbidden]) };
}
