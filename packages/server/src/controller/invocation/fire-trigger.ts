import {
  SUCCESS,
  type ActivationRecord,
  type Identity,
  type SystemLimits,
  type TriggerEntity,
} from '@vibrissa/protocol';
import type { Clock } from '../../base/clock.ts';
import type { Ids } from '../../base/ids.ts';
import type { RequestContext } from '../../base/request-context.ts';
import type { ArtifactStore } from '../../store/artifact-store.ts';
import type { KeptRecords, Recorded } from '../../store/kept-records.ts';
import type { Entitlements } from '../entitlement/check-entitlement.ts';
import { payloadLimit, refusePayload, unavailable } from './admission.ts';
import { fireRule, ruleLine, type FireRuleDeps, type RuleFire, type RuleOutcome } from './fire-rule.ts';
import type { FireOutcome, FireRequest, Firing } from './firing.ts';
import { prepareParameters } from './merge-parameters.ts';
import { triggerArguments } from './trigger-arguments.ts';

interface TriggerFiresDeps extends FireRuleDeps {
  readonly artifacts: Pick<ArtifactStore, 'get'>;
  readonly entitlements: FireRuleDeps['entitlements'] & Pick<Entitlements, 'checkFires'>;
  readonly records: Pick<KeptRecords, 'finishAtOnce'>;
  readonly clock: Clock;
  readonly ids: Pick<Ids, 'activationId'>;
  readonly limits: SystemLimits;
}

const nothingBound = prepareParameters({ parameters: [], annotations: [] });

/** An event that nobody could be told of: nothing runs, and who fired may try again. */
function isLost(outcomes: readonly RuleOutcome[]): boolean {
  return outcomes.every(
    (outcome) => outcome.outcome === 'inactive' || (outcome.outcome === 'refused' && outcome.status === 503),
  );
}

interface Fired {
  readonly trigger: TriggerEntity;
  readonly activationId: string;
  /** Epoch milliseconds. */
  readonly start: number;
}

/** A trigger happens at once: its record has no end. */
function recordOf({ identity, payload }: FireRequest, { trigger, ...fired }: Fired): ActivationRecord {
  return {
    ...fired,
    namespace: identity.namespace.name,
    subject: identity.subject,
    path: `${trigger.namespace}/${trigger.name}`,
    name: trigger.name,
    version: trigger.version,
    response: { statusCode: SUCCESS, resultJson: payload?.json.trim() ?? '{}' },
  };
}

/** Nobody waits for more of it than its id. */
function recordedOf({ extraLogging }: RequestContext, user: Identity): Recorded {
  return { user, blocking: false, ...(extraLogging === true && { extraLogging }) };
}

/**
 * Fires triggers. The intents of all rules' activations are durable first, then the record that names them is written, and
 * only then is the fire answered: what a crash leaves of it is run at the next start.
 */
export class TriggerFires implements Firing {
  readonly #deps: TriggerFiresDeps;

  private constructor(deps: TriggerFiresDeps) {
    this.#deps = deps;
  }

  static open(deps: TriggerFiresDeps): TriggerFires {
    return new TriggerFires(deps);
  }

  async fire(ctx: RequestContext, request: FireRequest): Promise<FireOutcome> {
    const { artifacts, clock, entitlements, ids, limits } = this.#deps;
    const { identity, payload, trigger: name } = request;
    const { trail } = ctx;
    const beganMs = trail?.now();
    const rate = entitlements.checkFires(identity);
    if (!rate.allowed) return { outcome: 'refused', status: 429, message: rate.message };
    const tooLarge = refusePayload(nothingBound, payload, payloadLimit(limits, identity.limits));
    if (tooLarge) return tooLarge;
    trail?.step('entitle', beganMs);
    const resolvingMs = trail?.now();
    const found = await artifacts.get('trigger', name.namespace, name.name);
    if (!found) return { outcome: 'missing' };
    const trigger = found.entity;
    trail?.step('resolve', resolvingMs, { trigger: `${name.namespace}/${name.name}` });
    const links = Object.entries(trigger.rules);
    if (!links.some(([, { status }]) => status === 'active')) return { outcome: 'idle' };
    const args = triggerArguments(trigger, request);
    const rules = links.map(([rule, link]): RuleFire => ({ identity, rule, link, args }));
    const fired = { trigger, activationId: ids.activationId(), start: clock.now() };
    // All at once, so that the journal makes them durable together.
    const outcomes = await Promise.all(rules.map((rule) => fireRule(this.#deps, ctx, rule)));
    if (isLost(outcomes)) return unavailable;
    const lines = rules.map((rule, at) => ruleLine(rule, outcomes[at] as RuleOutcome));
    return this.#record(ctx, { user: identity, record: recordOf(request, fired), lines });
  }

  async #record(
    ctx: RequestContext,
    { user, record, lines }: { user: Identity; record: ActivationRecord; lines: readonly string[] },
  ): Promise<FireOutcome> {
    const { activationId, path } = record;
    const beganMs = ctx.trail?.now();
    try {
      await this.#deps.records.finishAtOnce(recordedOf(ctx, user), record, lines);
    } catch (error) {
      // What was activated runs; but nothing can be promised of a record.
      ctx.logger.error(
        { err: error, activationId, trigger: path },
        'The journal refused the record of a trigger',
      );
      return unavailable;
    }
    ctx.trail?.step('record', beganMs, { activationId, trigger: path });
    return { outcome: 'fired', activationId };
  }
}
