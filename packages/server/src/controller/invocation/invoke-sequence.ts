import {
  APPLICATION_ERROR,
  OWN_NAMESPACE,
  SUCCESS,
  WHISK_ERROR,
  errorTexts,
  parseQualifiedName,
  type ActivationResponse,
} from '@vibrissa/protocol';
import type { ActionResolver } from './action-cache.ts';
import { errorResponse, refusedResponse, type CompositeEnd, type CompositeRun } from './composite-run.ts';
import { MAX_DEPTH, sequenceScope } from './composite-scope.ts';
import { invokeComponent, type PartDeps } from './invoke-component.ts';
import type { Payload } from './merge-parameters.ts';
import type { ResolvedAction } from './resolved-action.ts';
import { afterComponent } from './sequence-step.ts';

/** What running the parts of a sequence or composition takes. */
export interface PartsDeps extends PartDeps {
  readonly actions: ActionResolver;
  /** Actions of a sequence, and components of a composition. */
  readonly maxLength: number;
  /** The platform stops: no part is begun any more. */
  readonly stopped: () => boolean;
}

/** Names were checked when the sequence was written. */
async function resolveComponent(text: string, { actions }: PartsDeps): Promise<ResolvedAction | undefined> {
  const parsed = parseQualifiedName(text, OWN_NAMESPACE);
  return parsed.ok ? actions.resolve(parsed.name) : undefined;
}

/** Runs a sequence's components one after another; each gets the result of the one before it. */
export async function runSequence(
  run: CompositeRun,
  first: Payload | undefined,
  deps: PartsDeps,
): Promise<CompositeEnd> {
  const tooMany = errorResponse(APPLICATION_ERROR, errorTexts.sequenceTooLong);
  const scope = sequenceScope(run.outer);
  if (scope.depth > MAX_DEPTH) return tooMany;
  let payload = first;
  let last: ActivationResponse = { statusCode: SUCCESS, resultJson: first?.json ?? '{}' };
  for (const name of run.target.action.entity.exec.components ?? []) {
    if (deps.stopped()) return 'stopped';
    const target = await resolveComponent(name, deps);
    if (!target) return errorResponse(APPLICATION_ERROR, errorTexts.sequenceComponentMissing);
    if (target.action.entity.exec.components === undefined) {
      if (scope.sequence.actions >= deps.maxLength) return tooMany;
      scope.sequence.actions += 1;
    }
    const ended = await invokeComponent(run, { target, payload, scope, deps });
    switch (ended.end) {
      case 'refused':
        return deps.stopped() ? 'stopped' : refusedResponse(ended.refusal, errorTexts.sequenceFailed);
      case 'late':
        if (deps.stopped()) return 'stopped';
        return errorResponse(WHISK_ERROR, errorTexts.sequenceComponentLate(ended.activationId));
      case 'finished':
        last = ended.record.response;
    }
    const next = afterComponent(last);
    if (next.step === 'end') return last;
    payload = next.payload;
  }
  return last;
}
