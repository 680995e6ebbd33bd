import {
  APPLICATION_ERROR,
  SUCCESS,
  WHISK_ERROR,
  errorTexts,
  qualifiedName,
  type ActivationRecord,
  type ActivationResponse,
  type Identity,
  type JsonObject,
  type LockedArguments,
  type SystemLimits,
} from '@vibrissa/protocol';
import type { Clock } from '../../base/clock.ts';
import type { Ids } from '../../base/ids.ts';
import type { Logger } from '../../base/logger.ts';
import type { RequestContext } from '../../base/request-context.ts';
import type { ParameterLocks } from '../../parameters/parameter-locks.ts';
import type { KeptRecords } from '../../store/kept-records.ts';
import { payloadLimit, refuseContent, refusePayload, unavailable } from './admission.ts';
import type { BuiltInAction } from './built-in-action.ts';
import type { InvokeRequest } from './invoke-action.ts';
import type { InvokeOutcome } from './invoke-outcome.ts';
import { lockedArguments, mergeParameters } from './merge-parameters.ts';
import { prepareAction } from './prepared-action.ts';

interface BuiltInInvocationsDeps {
  readonly actions: readonly BuiltInAction[];
  readonly records: Pick<KeptRecords, 'finishAtOnce'>;
  readonly parameterLocks: Pick<ParameterLocks, 'unlock'>;
  readonly clock: Clock;
  readonly ids: Pick<Ids, 'activationId'>;
  readonly logger: Logger;
  readonly limits: SystemLimits;
}

interface Call {
  readonly identity: Identity;
  /** The effective arguments, and which of them are locked. */
  readonly content: string;
  readonly locked: LockedArguments | undefined;
}

interface Run {
  readonly request: InvokeRequest;
  readonly response: ActivationResponse;
  readonly activationId: string;
  readonly start: number;
  readonly end: number;
}

function recordOf({ request, response, activationId, start, end }: Run): ActivationRecord {
  const { identity, target, cause } = request;
  const { version, exec, limits } = target.action.entity;
  return {
    activationId,
    namespace: identity.namespace.name,
    subject: identity.subject,
    path: qualifiedName(target.name),
    name: target.name.name,
    version,
    start,
    end,
    duration: end - start,
    kind: exec.kind,
    timeout: false,
    limits,
    ...(cause !== undefined && { cause }),
    ...(target.binding !== undefined && { binding: target.binding }),
    response,
  };
}

/** Runs the platform's own actions, here and now: also one that nobody waits for has ended before it is accepted. */
export class BuiltInInvocations {
  readonly #deps: BuiltInInvocationsDeps;
  readonly #actions: ReadonlyMap<string, BuiltInAction>;

  private constructor(deps: BuiltInInvocationsDeps) {
    this.#deps = deps;
    this.#actions = new Map(deps.actions.map((action) => [action.name, action]));
  }

  static open(deps: BuiltInInvocationsDeps): BuiltInInvocations {
    return new BuiltInInvocations(deps);
  }

  /** The built-in action that the request means; undefined when it means another sort of action. */
  find({ target }: InvokeRequest): BuiltInAction | undefined {
    return this.#actions.get(qualifiedName(target.name));
  }

  async invoke(ctx: RequestContext, request: InvokeRequest, action: BuiltInAction): Promise<InvokeOutcome> {
    const { identity, target, payload, waitMs } = request;
    const { parameters } = prepareAction(target, identity.namespace.name);
    const allowedBytes = payloadLimit(this.#deps.limits, identity.limits);
    const refused = refusePayload(parameters, payload, allowedBytes);
    if (refused) return refused;
    const content = mergeParameters(parameters, payload) ?? '{}';
    const tooLarge = refuseContent(content, allowedBytes + parameters.lockExpansion);
    if (tooLarge) return tooLarge;
    const activationId = this.#deps.ids.activationId();
    const start = this.#deps.clock.now();
    const beganMs = ctx.trail?.now();
    const locked = lockedArguments(parameters, payload);
    const response = await this.#unlockAndRun(ctx, action, { identity, content, locked });
    ctx.trail?.step('run', beganMs, { activationId, action: action.name, statusCode: response.statusCode });
    const record = recordOf({ request, response, activationId, start, end: this.#deps.clock.now() });
    const recordingMs = ctx.trail?.now();
    try {
      const extraLogging = ctx.extraLogging === true && ({ extraLogging: true } as const);
      const recorded = { user: identity, blocking: waitMs !== undefined, ...extraLogging };
      await this.#deps.records.finishAtOnce(recorded, record, []);
    } catch (error) {
      ctx.logger.error({ err: error, activationId, action: action.name }, 'The journal refused a record');
      return unavailable;
    }
    ctx.trail?.step('record', recordingMs, { activationId, action: action.name });
    return waitMs === undefined
      ? { outcome: 'accepted', activationId }
      : { outcome: 'finished', activationId, record };
  }

  async #unlockAndRun(
    ctx: RequestContext,
    action: BuiltInAction,
    { identity, content, locked }: Call,
  ): Promise<ActivationResponse> {
    const unlocked = locked && this.#deps.parameterLocks.unlock(content, locked);
    if (unlocked?.outcome === 'failed') return unlocked.response;
    const params = JSON.parse(unlocked?.content ?? content) as JsonObject;
    return this.#run(ctx, action, { identity, params });
  }

  async #run(
    ctx: RequestContext,
    action: BuiltInAction,
    call: Parameters<BuiltInAction['run']>[0],
  ): Promise<ActivationResponse> {
    try {
      const result = await action.run(call);
      const resultJson = JSON.stringify(result);
      const statusCode = Object.hasOwn(result, 'error') ? APPLICATION_ERROR : SUCCESS;
      return { statusCode, resultJson, size: resultJson.length };
    } catch (error) {
      ctx.logger.error({ err: error, action: action.name }, 'A built-in action failed');
      return { statusCode: WHISK_ERROR, resultJson: JSON.stringify({ error: errorTexts.internalError }) };
    }
  }
}
