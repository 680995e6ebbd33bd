import {
  nextVersion,
  type ActionEntity,
  type KnownRuntimes,
  type PackageEntity,
  type SystemLimits,
} from '@vibrissa/protocol';
import type { Clock } from '../base/clock.ts';
import type { Ids } from '../base/ids.ts';
import type { Logger } from '../base/logger.ts';
import { SYSTEM_NAMESPACE } from '../controller/invocation/built-in-action.ts';
import type { ArtifactStore, Stored } from '../store/artifact-store.ts';
import type { AttachmentStore } from '../store/attachment-store.ts';
import type { AuthStore } from '../store/auth-store.ts';
import { BUILT_IN, type CatalogueAction, type CataloguePackage } from './catalogue-definition.ts';
import { standardLimits } from '../controller/actions/merge-action.ts';
import { actionEntityOf, digestOf, execOf, packageEntityOf } from './catalogue-entities.ts';

/** What the catalogue is installed with. */
export interface CatalogueDeps {
  readonly artifacts: ArtifactStore;
  readonly attachments: Pick<AttachmentStore, 'write'>;
  readonly auth: Pick<AuthStore, 'getSubject' | 'subjectsOf' | 'putSubject'>;
  readonly runtimes: KnownRuntimes;
  readonly limits: SystemLimits;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly logger: Logger;
}

const RECORD = ':catalogue';

/** What stands in the store: of which definitions, under which names. */
interface Installed {
  readonly digest: string;
  /** `pkg` or `pkg/action`. */
  readonly names: readonly string[];
}

/**
 * Sees to it that `whisk.system` holds these packages, as they are defined here. Where nothing has changed since the
 * last start it reads one document and writes nothing. What an administrator has added of his own stays; what a
 * former version brought and this one does not is removed. An action of a runtime that this machine lacks is left out.
 */
export async function installCatalogue(
  deps: CatalogueDeps,
  packages: readonly CataloguePackage[],
): Promise<void> {
  const nodeKind = deps.runtimes.resolve('nodejs:default')?.kind;
  const wanted = packages.map((definition) => ({
    ...definition,
    actions: definition.actions.filter(({ code }) => code === BUILT_IN || nodeKind !== undefined),
  }));
  const limits = standardLimits(deps.limits);
  const digest = digestOf([nodeKind, limits, wanted]);
  const record = await deps.artifacts.get('document', SYSTEM_NAMESPACE, RECORD);
  const before = record?.entity.content as Installed | undefined;
  if (before?.digest === digest) return;
  await ensureSystemSubject(deps);
  const names: string[] = [];
  for (const definition of wanted) {
    names.push(definition.name);
    await putPackage(deps, definition);
    for (const action of definition.actions) {
      names.push(`${definition.name}/${action.name}`);
      await putAction(deps, action, { packageName: definition.name, nodeKind: nodeKind ?? '' });
    }
  }
  const gone = (before?.names ?? []).filter((name) => !names.includes(name));
  for (const name of gone.toSorted().toReversed()) await remove(deps, name);
  await deps.artifacts.put(
    {
      entityType: 'document',
      namespace: SYSTEM_NAMESPACE,
      name: RECORD,
      updated: deps.clock.now(),
      content: { digest, names },
    },
    record?.revision,
  );
  deps.logger.info({ packages: wanted.length, removed: gone.length }, 'The catalogue was brought up to date');
}

async function ensureSystemSubject({ auth, ids }: CatalogueDeps): Promise<void> {
  const owners = await auth.subjectsOf(SYSTEM_NAMESPACE);
  if (owners.length > 0 || (await auth.getSubject(SYSTEM_NAMESPACE)) !== undefined) return;
  const namespace = { name: SYSTEM_NAMESPACE, uuid: ids.uuid(), key: ids.key() };
  await auth.putSubject({ subject: SYSTEM_NAMESPACE, blocked: false, namespaces: [namespace] });
}

async function putPackage(deps: CatalogueDeps, definition: CataloguePackage): Promise<void> {
  const fresh = packageEntityOf(definition, deps.clock.now());
  const old = await deps.artifacts.get('package', SYSTEM_NAMESPACE, definition.name);
  await replace(deps, fresh, old);
}

async function putAction(
  deps: CatalogueDeps,
  definition: CatalogueAction,
  home: { readonly packageName: string; readonly nodeKind: string },
): Promise<void> {
  const { packageName, nodeKind } = home;
  const meta = execOf(definition, nodeKind);
  const exec =
    definition.code === BUILT_IN
      ? meta
      : { ...meta, codeDigest: await deps.attachments.write(definition.code) };
  const limits = standardLimits(deps.limits);
  const fresh = actionEntityOf(definition, { packageName, exec, limits, updated: deps.clock.now() });
  const old = await deps.artifacts.get('action', fresh.namespace, fresh.name);
  await replace(deps, fresh, old);
}

/** Writes what differs, as the next version of what is there. */
async function replace<E extends ActionEntity | PackageEntity>(
  deps: CatalogueDeps,
  fresh: E,
  old: Stored<E> | undefined,
): Promise<void> {
  if (old && isSame(old.entity, fresh)) return;
  const entity = old ? { ...fresh, version: nextVersion(old.entity.version) } : fresh;
  await deps.artifacts.put(entity, old?.revision);
}

/** Whatever the order in which the store gives the members back. */
function isSame(old: ActionEntity | PackageEntity, fresh: ActionEntity | PackageEntity): boolean {
  const { version: _was, updated: _then, ...before } = old;
  const { version: _is, updated: _now, ...after } = fresh;
  return canonical(before) === canonical(after);
}

function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );
}

async function remove(deps: CatalogueDeps, name: string): Promise<void> {
  const [packageName = '', actionName] = name.split('/');
  const found =
    actionName === undefined
      ? await deps.artifacts.get('package', SYSTEM_NAMESPACE, packageName)
      : await deps.artifacts.get('action', `${SYSTEM_NAMESPACE}/${packageName}`, actionName);
  if (!found) return;
  if (actionName === undefined && (await holdsActions(deps, packageName))) return;
  await deps.artifacts.delete(found.entity, found.revision);
}

async function holdsActions({ artifacts }: CatalogueDeps, packageName: string): Promise<boolean> {
  const query = {
    entityType: 'action',
    namespace: SYSTEM_NAMESPACE,
    package: packageName,
    skip: 0,
    limit: 1,
  } as const;
  return (await artifacts.count(query)) > 0;
}
