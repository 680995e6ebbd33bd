import {
  errorTexts,
  qualifiedName,
  type Identity,
  type KnownRuntimes,
  type TriggerRule,
} from '@vibrissa/protocol';
import type { RequestContext } from '../../base/request-context.ts';
import type { StepFields } from '../../base/trail.ts';
import type { Entitlements } from '../entitlement/check-entitlement.ts';
import type { ActionResolver } from './action-cache.ts';
import { following } from './following.ts';
import type { Invoking } from './invoking.ts';
import type { Payload } from './merge-parameters.ts';

export interface FireRuleDeps {
  readonly actions: ActionResolver;
  readonly entitlements: Pick<Entitlements, 'check' | 'checkThrottles' | 'checkConcurrency'>;
  readonly invocations: Pick<Invoking, 'invoke'>;
  readonly runtimes: Pick<KnownRuntimes, 'resolve'>;
}

/** One rule of a trigger that is fired. */
export interface RuleFire {
  readonly identity: Identity;
  /** `ns/name` */
  readonly rule: string;
  readonly link: TriggerRule;
  readonly args: Payload;
}

/** What became of it; the status is what a client would have got for the same invocation. */
export type RuleOutcome =
  | { readonly outcome: 'activated'; readonly activationId: string }
  | { readonly outcome: 'inactive' }
  | { readonly outcome: 'refused'; readonly status: number; readonly message: string };

/** Invokes the rule's action, as if whoever fires had done it: rights, limits and kinds count. Its intent is then durable. */
async function activate(deps: FireRuleDeps, ctx: RequestContext, fire: RuleFire): Promise<RuleOutcome> {
  const { identity, link, args } = fire;
  const refused = (status: number, message: string) => ({ outcome: 'refused', status, message }) as const;
  const beganMs = ctx.trail?.now();
  const right = await deps.entitlements.check(identity, 'ACTIVATE', {
    collection: 'actions',
    ...link.action,
  });
  if (!right.allowed) return refused(right.status, right.message);
  ctx.trail?.step('entitle', beganMs);
  const resolvingMs = ctx.trail?.now();
  const target = await deps.actions.resolve(link.action);
  if (target === undefined) return refused(404, errorTexts.notFound);
  ctx.trail?.step('resolve', resolvingMs);
  const { kind } = target.action.entity.exec;
  if (deps.runtimes.resolve(kind)?.deprecated === true) return refused(400, errorTexts.kindDeprecated(kind));
  // From here to the invocation nothing waits: rules that fire at once must not pass the limit together.
  const room = deps.entitlements.checkThrottles(identity);
  if (!room.allowed) return refused(room.status, room.message);
  const outcome = await deps.invocations.invoke(ctx, { identity, target, payload: args, waitMs: undefined });
  if (outcome.outcome === 'refused') return refused(outcome.status, outcome.message);
  return { outcome: 'activated', activationId: outcome.activationId };
}

function endOf(outcome: RuleOutcome): StepFields {
  if (outcome.outcome === 'activated') return { activationId: outcome.activationId };
  return outcome.outcome === 'refused' ? { status: outcome.status, error: outcome.message } : {};
}

/** Fires one rule. Never rejects: what goes wrong with one rule is no matter of the others. */
export async function fireRule(
  deps: FireRuleDeps,
  ctx: RequestContext,
  fire: RuleFire,
): Promise<RuleOutcome> {
  if (fire.link.status === 'inactive') return { outcome: 'inactive' };
  const trail = ctx.trail?.branch('activation', { rule: fire.rule, action: qualifiedName(fire.link.action) });
  try {
    const outcome = await activate(deps, following(ctx, trail), fire);
    trail?.end(endOf(outcome));
    return outcome;
  } catch (error) {
    ctx.logger.error({ err: error, rule: fire.rule }, 'A rule could not be fired');
    trail?.end({ error: errorTexts.internalError });
    return { outcome: 'refused', status: 500, message: errorTexts.internalError };
  }
}

/** The rule's line in the trigger's record. */
export function ruleLine({ rule, link }: RuleFire, outcome: RuleOutcome): string {
  const action = qualifiedName(link.action);
  switch (outcome.outcome) {
    case 'activated': {
      const { activationId } = outcome;
      return JSON.stringify({ rule, action, statusCode: 0, success: true, activationId });
    }
    case 'inactive': {
      const error = errorTexts.ruleInactive(rule, action);
      return JSON.stringify({ rule, action, statusCode: 1, success: false, error });
    }
    case 'refused': {
      const statusCode = outcome.status < 500 ? 1 : 3;
      return JSON.stringify({ rule, action, statusCode, success: false, error: outcome.message });
    }
  }
}
