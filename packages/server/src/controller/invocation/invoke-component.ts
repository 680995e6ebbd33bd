import { qualifiedName, type ActivationRecord, type JsonObject } from '@vibrissa/protocol';
import type { Ids } from '../../base/ids.ts';
import type { Logger } from '../../base/logger.ts';
import type { RequestContext } from '../../base/request-context.ts';
import type { Trail } from '../../base/trail.ts';
import type { Refusal } from './admission.ts';
import { compositeKindOf } from './composite-kind.ts';
import type { CompositeRun } from './composite-run.ts';
import type { CompositeScope } from './composite-scope.ts';
import type { Invoking } from './invoking.ts';
import type { Payload } from './merge-parameters.ts';
import type { ResolvedAction } from './resolved-action.ts';

/** How long a part may take beyond its time limit until it is given up. */
const PATIENCE_MS = 60_000;

export type ComponentEnd =
  | { readonly end: 'finished'; readonly record: ActivationRecord }
  /** Its result did not come in time; it may yet end. */
  | { readonly end: 'late'; readonly activationId: string }
  | { readonly end: 'refused'; readonly refusal: Refusal };

export interface PartDeps {
  readonly ids: Pick<Ids, 'transactionId'>;
  readonly logger: Logger;
}

/** However deep a part lies: whoever looks for the client's transaction finds it. */
function rootOf({ parentTransactionId, transactionId }: RequestContext): string {
  return parentTransactionId ?? transactionId;
}

/** A part has a transaction of its own, whose log lines name the one that it belongs to. */
function childContext(
  parent: RequestContext,
  own: PartDeps & { readonly transactionId: string; readonly trail: Trail | undefined },
): RequestContext {
  const { logger, trail, transactionId } = own;
  const parentTransactionId = rootOf(parent);
  const extraLogging = parent.extraLogging === true;
  return {
    transactionId,
    parentTransactionId,
    startedAt: parent.clock.now(),
    clock: parent.clock,
    trail,
    extraLogging,
    get logger() {
      // Not the parent's logger: a line has one transaction.
      const fields = { transactionId, parentTransactionId };
      return logger.child(fields, extraLogging ? { level: 'debug' } : undefined);
    },
  };
}

/** What is made of other actions takes as long as they do, and each of them has its limit. */
function waitFor({ annotations, exec, limits }: ResolvedAction['action']['entity']): number {
  return compositeKindOf({ annotations, exec }) ? Infinity : limits.timeout + PATIENCE_MS;
}

interface ComponentCall {
  readonly target: ResolvedAction;
  readonly payload: Payload | undefined;
  readonly scope: CompositeScope;
  /** The conductor itself, which is not to be taken for a composition within. */
  readonly conductor?: Pick<Invoking, 'invoke'>;
  readonly deps: PartDeps;
}

/** Runs one part of a sequence or composition to its end, and enters it into the run. */
export async function invokeComponent(run: CompositeRun, call: ComponentCall): Promise<ComponentEnd> {
  const { target, payload } = call;
  const transactionId = call.deps.ids.transactionId();
  const trail = run.ctx.trail?.branch('activation', {
    transactionId,
    parentTransactionId: rootOf(run.ctx),
    cause: run.message.activationId,
    action: qualifiedName(target.name),
  });
  const ctx = childContext(run.ctx, { ...call.deps, transactionId, trail });
  const { entity } = target.action;
  run.load.chars += (payload?.json.length ?? 0) - run.heldChars;
  run.heldChars = payload?.json.length ?? 0;
  const outcome = await (call.conductor ?? run.invoking).invoke(ctx, {
    identity: run.message.user,
    target,
    payload,
    waitMs: call.conductor ? entity.limits.timeout + PATIENCE_MS : waitFor(entity),
    cause: run.message.activationId,
    scope: call.scope,
  });
  trail?.end(
    outcome.outcome === 'refused'
      ? { status: outcome.status, error: outcome.message }
      : { activationId: outcome.activationId },
  );
  ctx.logger.debug(
    {
      activationId: run.message.activationId,
      part: qualifiedName(target.name),
      ...(outcome.outcome === 'refused'
        ? { status: outcome.status }
        : { partActivationId: outcome.activationId }),
    },
    'Part of a sequence or composition ended',
  );
  if (outcome.outcome === 'refused') return { end: 'refused', refusal: outcome };
  run.parts.push(outcome.activationId);
  if (outcome.outcome === 'accepted') return { end: 'late', activationId: outcome.activationId };
  const { record } = outcome;
  run.partsMs += record.duration ?? 0;
  run.memoryMb = Math.max(run.memoryMb, record.limits?.memory ?? 0);
  return { end: 'finished', record };
}

/** The payload that tells a conductor what went wrong. */
export function errorPayload(error: string): Payload {
  const value: JsonObject = { error };
  return { json: JSON.stringify(value), value };
}
