import {
  OWN_NAMESPACE,
  SEQUENCE_KIND,
  errorTexts,
  parseQualifiedName,
  qualifiedName,
  type EntityName,
  type ExecMeta,
  type Identity,
  type SystemLimits,
} from '@vibrissa/protocol';
import { malformed, RequestError } from '../../http/request-error.ts';
import type { EntitlementChecks } from '../entitlement/entitlement-checks.ts';
import { requireReadable } from '../entitlement/require-readable.ts';
import type { ActionResolver } from '../invocation/action-cache.ts';
import { MAX_DEPTH } from '../invocation/composite-scope.ts';
import type { PackageCache } from '../packages/package-cache.ts';
import { homeOf } from '../packages/package-view.ts';
import type { PutExec } from './action-put.ts';

interface ComponentsDeps {
  readonly entitlements: Pick<EntitlementChecks, 'check'>;
  readonly limits: Pick<SystemLimits, 'sequenceMaxLength'>;
}

interface SequenceDeps {
  readonly actions: ActionResolver;
  readonly packages: Pick<PackageCache, 'get'>;
  readonly limits: Pick<SystemLimits, 'sequenceMaxLength'>;
}

/** Names are checked when a body is read. */
function componentsOf({ components = [] }: Pick<ExecMeta, 'components'>): EntityName[] {
  return components.map((text) => {
    const parsed = parseQualifiedName(text, OWN_NAMESPACE);
    if (!parsed.ok) throw malformed(parsed.problem);
    return parsed.name;
  });
}

/** Throws 403, with all names, or 404 when the caller may not read each of the components. */
export async function requireReadableComponents(
  deps: ComponentsDeps,
  identity: Identity,
  exec: PutExec,
): Promise<void> {
  // Of a sequence that is too long, no more than it takes to say so.
  const components = componentsOf(exec).slice(0, deps.limits.sequenceMaxLength + 1);
  const resources = components.map((component) => ({ collection: 'actions' as const, ...component }));
  await requireReadable(deps.entitlements, identity, resources);
}

/** Where a component really lies: with the provider, when its package is a binding. */
async function realName(deps: SequenceDeps, name: EntityName): Promise<string> {
  if (name.package === undefined) return qualifiedName(name);
  const view = await deps.packages.get(name.namespace, name.package);
  if (view === undefined) return qualifiedName(name);
  const home = homeOf(view);
  return qualifiedName({ namespace: home.namespace, package: home.name, name: name.name });
}

/**
 * Throws 400 when the sequence is empty, refers to itself, to nothing, or comes to more actions than allowed once the
 * sequences in it are taken apart.
 */
export async function checkSequence(deps: SequenceDeps, self: EntityName, exec: PutExec): Promise<void> {
  if (exec.components === undefined) return;
  const allowed = deps.limits.sequenceMaxLength;
  const refuse = (message: string) => new RequestError(400, message);
  if (exec.components.length === 0) throw refuse(errorTexts.sequenceEmpty);
  if (exec.components.length > allowed) throw refuse(errorTexts.sequenceTooLong);
  let atomic = 0;
  const above = new Set([qualifiedName(self)]);

  async function walk(inner: Pick<ExecMeta, 'components'>): Promise<void> {
    // Each level takes a call of its own when it runs.
    if (above.size > MAX_DEPTH) throw refuse(errorTexts.sequenceTooLong);
    for (const component of componentsOf(inner)) {
      const real = await realName(deps, component);
      if (above.has(real)) throw refuse(errorTexts.sequenceCyclic);
      const found = await deps.actions.resolve(component);
      if (found === undefined) throw refuse(errorTexts.sequenceComponentMissing);
      const { exec: next } = found.action.entity;
      if (next.kind === SEQUENCE_KIND) {
        above.add(real);
        await walk(next);
        above.delete(real);
      } else if (++atomic > allowed) throw refuse(errorTexts.sequenceTooLong);
    }
  }
  await walk(exec);
}
