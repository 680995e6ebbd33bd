import { namespaceProblem, type Subject } from '@vibrissa/protocol';

import type { Ids } from '../base/ids.ts';
import type { AuthStore } from '../store/auth-store.ts';
import { done, failed, misused } from './answers.ts';
import type { Answer, OperationOf } from './operation.ts';

/** What administration works on. */
export interface AdministrationDeps {
  readonly auth: AuthStore;
  readonly ids: Ids;
  /** Reads the master keys again, and seals everything with the first one. Errors with a `mend` are the operator's. */
  readonly reloadKeys: () => Promise<{ readonly resealed: number; readonly unreadable: number }>;
}

type NamespaceKey = Subject['namespaces'][number];

const SUBJECT_MIN_LENGTH = 5;
const KEY_LENGTH = 64;
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

function authOf({ uuid, key }: NamespaceKey): string {
  return `${uuid}:${key}`;
}

function noSubject(subject: string): Answer {
  return failed(`Subject "${subject}" does not exist`);
}

function noNamespace(namespace: string, subject: string): Answer {
  return failed(`Namespace "${namespace}" does not exist for "${subject}"`);
}

/** `uuid:key` taken apart, or wskadmin's complaint about it. */
function parseAuth(auth: string): { readonly uuid: string; readonly key: string } | Answer {
  const cut = auth.indexOf(':');
  const uuid = cut < 0 ? auth : auth.slice(0, cut);
  const key = cut < 0 ? '' : auth.slice(cut + 1);
  if (!UUID.test(uuid)) return misused('authorization id is not a valid UUID');
  if (key.length < KEY_LENGTH) return misused('authorization key must be at least 64 characters long');
  // Longer ones could be stored, but the API takes no password of another length.
  if (key.length > KEY_LENGTH) return misused('authorization key must be 64 characters long');
  return { uuid: uuid.toLowerCase(), key };
}

function draw(ids: Ids): { uuid: string; key: string } {
  return { uuid: ids.uuid(), key: ids.key() };
}

/** Creates a subject, gives it another namespace, or (`revoke`) another key. */
export async function createUser(
  { auth, ids }: AdministrationDeps,
  operation: OperationOf<'user create'>,
): Promise<Answer> {
  const subject = operation.subject.trim();
  if (subject.length < SUBJECT_MIN_LENGTH) return misused('Subject name must be at least 5 characters');
  const credentials = operation.auth === undefined ? draw(ids) : parseAuth(operation.auth);
  if ('exitCode' in credentials) return credentials;
  const created = { name: operation.namespace?.trim() ?? subject, ...credentials };
  const problem = namespaceProblem(created.name);
  if (problem !== undefined) return misused(problem);
  if (operation.generateOnly) return done(authOf(created));
  const owner = await auth.findIdentity(created.uuid, created.key);
  if (owner && (owner.subject !== subject || owner.namespace.name !== created.name)) {
    return failed('authorization id is already in use');
  }
  const existing = await auth.getSubject(subject);
  if (existing?.blocked) return failed('The subject you want to edit is blocked');
  const others = existing?.namespaces.filter(({ name }) => name !== created.name) ?? [];
  const taken = existing !== undefined && others.length < existing.namespaces.length;
  if (taken && !operation.revoke) {
    const which = created.name === subject ? '' : ` --namespace ${created.name}`;
    return failed(
      'Namespace already exists',
      `See its key with: vibrissa admin user get ${subject}${which}`,
      'A new key in its place: the same command with --revoke',
    );
  }
  await auth.putSubject({ subject, blocked: false, namespaces: [...others, created] });
  return done(authOf(created));
}

/** Deletes a subject, or only one of its namespaces. */
export async function deleteUser(
  { auth }: AdministrationDeps,
  { subject, namespace }: OperationOf<'user delete'>,
): Promise<Answer> {
  if (namespace === undefined) {
    return (await auth.deleteSubject(subject)) ? done('Subject deleted') : noSubject(subject);
  }
  const existing = await auth.getSubject(subject);
  if (!existing) return noSubject(subject);
  const left = existing.namespaces.filter(({ name }) => name !== namespace);
  if (left.length === existing.namespaces.length) return noNamespace(namespace, subject);
  await auth.putSubject({ ...existing, namespaces: left });
  return done('Namespace deleted');
}

export async function getUser(
  { auth }: AdministrationDeps,
  { subject, namespace = subject, all }: OperationOf<'user get'>,
): Promise<Answer> {
  const existing = await auth.getSubject(subject);
  if (!existing) return noSubject(subject);
  if (all) return done(...existing.namespaces.map((each) => `${each.name}\t${authOf(each)}`));
  const found = existing.namespaces.find(({ name }) => name === namespace);
  return found ? done(authOf(found)) : noNamespace(namespace, subject);
}

export async function whoIs(
  { auth }: AdministrationDeps,
  operation: OperationOf<'user whois'>,
): Promise<Answer> {
  const credentials = parseAuth(operation.auth);
  if ('exitCode' in credentials) return credentials;
  const identity = await auth.findIdentity(credentials.uuid, credentials.key);
  if (!identity) return failed('Subject id is not recognized');
  return done(`subject: ${identity.subject}`, `namespace: ${identity.namespace.name}`);
}

export async function listUsers(
  { auth }: AdministrationDeps,
  { namespace, pick = 1, all, keyOnly }: OperationOf<'user list'>,
): Promise<Answer> {
  const subjects = await auth.subjectsOf(namespace);
  const lines = subjects.flatMap(({ subject, namespaces }) =>
    namespaces
      .filter(({ name }) => name === namespace)
      .map((each) => (keyOnly ? authOf(each) : `${authOf(each)}\t${subject}`)),
  );
  if (lines.length === 0) return failed(`no identities found for namespace "${namespace}"`);
  return done(...(all ? lines : lines.slice(0, pick)));
}

/** Blocks or unblocks each subject; those that don't exist are named, and the exit code then says so. */
export async function setBlocked(
  { auth }: AdministrationDeps,
  subjects: readonly string[],
  blocked: boolean,
): Promise<Answer> {
  if (subjects.length === 0) return misused('No subject given');
  const lines: string[] = [];
  let missing = 0;
  for (const subject of subjects) {
    const existing = await auth.getSubject(subject);
    if (existing) await auth.putSubject({ ...existing, blocked });
    else missing += 1;
    const result = blocked ? 'blocked successfully' : 'unblocked successfully';
    lines.push(`"${subject}" ${existing ? result : 'does not exist'}`);
  }
  return missing === 0 ? done(...lines) : failed(...lines);
}
