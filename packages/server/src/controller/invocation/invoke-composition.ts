import {
  APPLICATION_ERROR,
  WHISK_ERROR,
  errorTexts,
  qualifiedName,
  type ActivationResponse,
  type EntityName,
} from '@vibrissa/protocol';
import type { EntitlementChecks } from '../entitlement/entitlement-checks.ts';
import { compositeKindOf } from './composite-kind.ts';
import { errorResponse, refusedResponse, type CompositeEnd, type CompositeRun } from './composite-run.ts';
import { compositionScope, MAX_DEPTH } from './composite-scope.ts';
import { readConductor, withState, type ConductorState } from './composition-step.ts';
import { errorPayload, invokeComponent, type ComponentEnd } from './invoke-component.ts';
import type { PartsDeps } from './invoke-sequence.ts';
import type { Invoking } from './invoking.ts';
import type { Payload } from './merge-parameters.ts';
import { resultPayload } from './sequence-step.ts';

export interface CompositionDeps extends PartsDeps {
  /** Runs the conductor as the plain action that it is, too. */
  readonly containers: Pick<Invoking, 'invoke'>;
  readonly entitlements: Pick<EntitlementChecks, 'check'>;
}

/** What the conductor is told next, or how the composition ends. */
type Told = { readonly payload: Payload } | { readonly ending: CompositeEnd };

function failed(ended: Exclude<ComponentEnd, { end: 'finished' }>, stopped: boolean): CompositeEnd {
  if (stopped) return 'stopped';
  return ended.end === 'late'
    ? errorResponse(WHISK_ERROR, errorTexts.compositionPartLate(ended.activationId))
    : refusedResponse(ended.refusal, errorTexts.compositionFailed);
}

interface NextPart {
  readonly name: EntityName;
  readonly payload: Payload | undefined;
  readonly scope: ReturnType<typeof compositionScope>;
}

/** Runs what the conductor asked for, if it may be run. */
async function runNext(run: CompositeRun, next: NextPart, deps: CompositionDeps): Promise<Told> {
  const { scope } = next;
  const { composition } = scope;
  const told = (error: string): Told => ({ payload: errorPayload(error) });
  if (composition.components >= deps.maxLength) return told(errorTexts.compositionTooLong);
  const { name } = next;
  const wish = { collection: 'actions', ...name } as const;
  const right = await deps.entitlements.check(run.message.user, 'ACTIVATE', wish);
  if (!right.allowed) return told(errorTexts.compositionForbidden(qualifiedName(name)));
  const target = await deps.actions.resolve(name);
  if (!target) return told(errorTexts.compositionUnresolved(qualifiedName(name)));
  // A composition within counts by what it runs.
  if (compositeKindOf(target.action.entity) !== 'composition') composition.components += 1;
  if (deps.stopped()) return { ending: 'stopped' };
  const ended = await invokeComponent(run, { target, payload: next.payload, scope, deps });
  if (ended.end !== 'finished') return { ending: failed(ended, deps.stopped()) };
  return { payload: resultPayload(ended.record.response) };
}

/** Asks the conductor what to run, runs it, tells the conductor its result, and so on until it asks for nothing more. */
export async function runComposition(
  run: CompositeRun,
  first: Payload | undefined,
  deps: CompositionDeps,
): Promise<CompositeEnd> {
  const scope = compositionScope(run.outer);
  const { composition } = scope;
  const tooMany: ActivationResponse = errorResponse(APPLICATION_ERROR, errorTexts.compositionTooLong);
  if (scope.depth > MAX_DEPTH) return tooMany;
  const { target, message } = run;
  let state: ConductorState | undefined;
  let payload = first;
  for (;;) {
    if (deps.stopped()) return 'stopped';
    if (composition.conductors > 2 * deps.maxLength) return tooMany;
    composition.conductors += 1;
    const told = withState(payload, state);
    const call = { target, payload: told, scope, deps, conductor: deps.containers };
    const conducted = await invokeComponent(run, call);
    if (conducted.end !== 'finished') return failed(conducted, deps.stopped());
    const next = readConductor(conducted.record.response, message.user.namespace.name);
    if (next.step === 'done') return next.response;
    state = next.state;
    const answer: Told =
      next.step === 'misnamed'
        ? { payload: errorPayload(errorTexts.compositionMisnamed(next.given)) }
        : await runNext(run, { ...next, scope }, deps);
    if ('ending' in answer) return answer.ending;
    payload = answer.payload;
  }
}
