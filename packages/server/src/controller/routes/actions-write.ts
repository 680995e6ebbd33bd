import {
  SEQUENCE_KIND,
  errorTexts,
  entityPath,
  type ActionEntity,
  type EntityName,
  type KnownRuntimes,
  type SystemLimits,
} from '@vibrissa/protocol';
import { json, type Answer } from '../../http/answer.ts';
import { requireObject } from '../../http/json-body.ts';
import { booleanOf } from '../../http/query.ts';
import { malformed, RequestError } from '../../http/request-error.ts';
import type { AuthenticatedCall } from '../../http/route.ts';
import type { ArtifactStore, Stored } from '../../store/artifact-store.ts';
import { storeExec } from '../actions/action-code.ts';
import { actionDocument } from '../actions/action-documents.ts';
import type { ActionPut, PutExec } from '../actions/action-put.ts';
import { checkSequence, requireReadableComponents } from '../actions/check-sequence.ts';
import { decodeActionPut } from '../actions/decode-action-put.ts';
import { createAction, updateAction } from '../actions/merge-action.ts';
import { missingEntity } from '../entities/missing-entity.ts';
import { checkLimits, checkSizes } from '../actions/validate-action.ts';
import { requireAllowed } from '../entitlement/require-allowed.ts';
import { entityNameOf, requireRight } from './call-target.ts';
import type { ActionResolver } from '../invocation/action-cache.ts';
import type { Clock } from '../../base/clock.ts';
import type { EntitlementChecks } from '../entitlement/entitlement-checks.ts';
import type { PackageCache } from '../packages/package-cache.ts';
import type { PackageWrites } from '../packages/package-writes.ts';
import type { ParameterLocks } from '../../parameters/parameter-locks.ts';
import type { AttachmentStore } from '../../store/attachment-store.ts';
import type { CodeReads } from '../actions/code-reads.ts';

/** What reading and writing actions stands on. */
export interface ActionRouteDeps {
  readonly artifacts: ArtifactStore;
  readonly attachments: AttachmentStore;
  readonly codeReads: CodeReads;
  /** Resolves names; told of every change. */
  readonly actions: ActionResolver & { invalidate(name: EntityName): void };
  readonly packages: Pick<PackageCache, 'get'>;
  readonly packageWrites: PackageWrites;
  /** Locks the parameters of what is written. */
  readonly parameterLocks: Pick<ParameterLocks, 'lock'>;
  readonly entitlements: EntitlementChecks;
  readonly limits: SystemLimits;
  readonly runtimes: KnownRuntimes;
  readonly clock: Clock;
}

/** Refuses kinds that are no longer run (400). */
function refuseDeprecated(deps: ActionRouteDeps, kind: string): void {
  if (deps.runtimes.resolve(kind)?.deprecated === true) {
    throw new RequestError(400, errorTexts.kindDeprecated(kind));
  }
}

/** The action that is to be replaced; undefined when there is none. Throws 409 when the name is not free. */
async function replaceable(
  deps: ActionRouteDeps,
  name: EntityName,
  overwrite: boolean,
): Promise<Stored<ActionEntity> | undefined> {
  const path = entityPath(name);
  const existing = await deps.artifacts.get('action', path, name.name);
  if (existing !== undefined) {
    if (!overwrite) throw new RequestError(409, errorTexts.alreadyExists);
    return existing;
  }
  if ((await deps.artifacts.typeOf(path, name.name)) !== undefined) {
    throw new RequestError(409, errorTexts.notInCollection);
  }
  return undefined;
}

/** Actions are written where they lie. Throws 404 when the package has gone, 400 for a binding. */
async function requireOwnPackage(deps: ActionRouteDeps, name: EntityName): Promise<void> {
  if (name.package === undefined) return;
  const view = await deps.packages.get(name.namespace, name.package);
  if (view === undefined) {
    throw new RequestError(404, errorTexts.packageNotFound(`${name.namespace}/${name.package}`));
  }
  if (view.entity.binding !== undefined) throw new RequestError(400, errorTexts.notOnBinding);
}

interface Writing {
  readonly name: EntityName;
  readonly put: ActionPut;
  readonly existing: Stored<ActionEntity> | undefined;
}

/** What a sequence has for parameters are its components, which are no secret. */
function locked({ parameterLocks }: ActionRouteDeps, action: ActionEntity): ActionEntity {
  if (action.exec.kind === SEQUENCE_KIND) return action;
  return { ...action, parameters: parameterLocks.lock(action.parameters) };
}

async function buildAction(
  deps: ActionRouteDeps,
  call: AuthenticatedCall,
  writing: Writing,
): Promise<ActionEntity> {
  const { name, put, existing } = writing;
  const exec = put.exec === undefined ? undefined : await storeExec(deps.attachments, put.exec);
  const write = { put, exec, updated: deps.clock.now() };
  if (existing !== undefined) return updateAction(existing.entity, write);
  if (exec === undefined) throw malformed(errorTexts.execUndefined);
  const limits = deps.entitlements.effectiveLimits(call.identity);
  return createAction(name, entityPath(name), { ...write, exec, limits });
}

/** Writes it as it will be found. Whoever calls holds its package alone, so that this one is there to the end. */
async function writeAction(
  deps: ActionRouteDeps,
  call: AuthenticatedCall,
  { name, put, overwrite }: { name: EntityName; put: ActionPut; overwrite: boolean },
): Promise<ActionEntity> {
  await requireOwnPackage(deps, name);
  const existing = await replaceable(deps, name, overwrite);
  if (existing !== undefined && put.exec === undefined) refuseDeprecated(deps, existing.entity.exec.kind);
  const entity = locked(deps, await buildAction(deps, call, { name, put, existing }));
  const { outcome } = await deps.artifacts.put(entity, existing?.revision);
  deps.actions.invalidate(name);
  if (outcome === 'conflict') throw new RequestError(409, errorTexts.concurrentModification);
  return entity;
}

/** May the caller refer to what the new code consists of, and have such code? Throws 403, or 404 for a package. */
async function requireUsableExec(
  deps: ActionRouteDeps,
  call: AuthenticatedCall,
  exec: PutExec | undefined,
): Promise<void> {
  if (exec === undefined) return;
  await requireReadableComponents(deps, call.identity, exec);
  requireAllowed(deps.entitlements.kindAllowed(call.identity, exec.kind));
}

/** `PUT …/actions/{name}`: rights, body, sizes, limits; then what is there already; then what the new code is. */
export async function putAction(deps: ActionRouteDeps, call: AuthenticatedCall): Promise<Answer> {
  const name = entityNameOf(call);
  const overwrite = booleanOf(call.query, 'overwrite', false);
  await requireRight(deps.entitlements, call, { privilege: 'PUT', collection: 'actions', ...name });
  await requireOwnPackage(deps, name);
  const known = { runtimes: deps.runtimes, ownNamespace: call.identity.namespace.name };
  const put = decodeActionPut(requireObject(call.readJson()), known);
  const limits = deps.entitlements.effectiveLimits(call.identity);
  checkSizes(put, limits);
  checkLimits(put, limits);
  await requireUsableExec(deps, call, put.exec);
  if (put.exec !== undefined) {
    await replaceable(deps, name, overwrite);
    refuseDeprecated(deps, put.exec.kind);
    await checkSequence(deps, name, put.exec);
  }
  const write = () => writeAction(deps, call, { name, put, overwrite });
  const entity = await (name.package === undefined
    ? write()
    : deps.packageWrites.alone({ namespace: name.namespace, name: name.package }, write));
  return json(200, actionDocument(entity, put.exec?.code ?? (await deps.codeReads.read(call, entity.exec))));
}

/** `DELETE …/actions/{name}`: answers with what was deleted. */
export async function deleteAction(deps: ActionRouteDeps, call: AuthenticatedCall): Promise<Answer> {
  const name = entityNameOf(call);
  await requireRight(deps.entitlements, call, { privilege: 'DELETE', collection: 'actions', ...name });
  await requireOwnPackage(deps, name);
  const existing = await deps.artifacts.get('action', entityPath(name), name.name);
  if (existing === undefined) {
    throw await missingEntity(deps.artifacts, { namespace: entityPath(name), name: name.name });
  }
  const { entity, revision } = existing;
  // Code that has gone must not keep its action from being deleted.
  const code = await deps.codeReads.find(call, entity.exec);
  const { outcome } = await deps.artifacts.delete(entity, revision);
  deps.actions.invalidate(name);
  if (outcome === 'conflict') throw new RequestError(409, errorTexts.concurrentModification);
  return json(200, actionDocument(entity, code));
}
