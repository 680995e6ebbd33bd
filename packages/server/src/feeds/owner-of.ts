import type { Identity } from '@vibrissa/protocol';
import type { AuthStore } from '../store/auth-store.ts';

/**
 * Who made a feed, by the namespace and the uuid of the key; undefined when that key is gone or its subject is blocked.
 * Several subjects may share a namespace, each with a key of their own.
 */
export async function ownerOf(
  auth: Pick<AuthStore, 'identityOf' | 'subjectsOf' | 'findIdentity'>,
  { namespace, namespaceUuid }: { readonly namespace: string; readonly namespaceUuid: string },
): Promise<Identity | undefined> {
  const first = await auth.identityOf(namespace);
  if (first?.namespace.uuid === namespaceUuid) return first;
  const subjects = await auth.subjectsOf(namespace);
  const found = subjects
    .flatMap(({ namespaces }) => namespaces)
    .find(({ name, uuid }) => name === namespace && uuid === namespaceUuid);
  return found && auth.findIdentity(found.uuid, found.key);
}
