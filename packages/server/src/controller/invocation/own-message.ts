import type { ActivationMessage, Identity } from '@vibrissa/protocol';
import type { RequestContext } from '../../base/request-context.ts';
import type { ResolvedAction } from './resolved-action.ts';

/** A message whose intent may still become durable; the invoker that holds the object must see that. */
export type OwnMessage = { -readonly [K in keyof ActivationMessage]: ActivationMessage[K] };

/** What was asked for. */
interface Asked {
  readonly identity: Identity;
  readonly target: ResolvedAction;
  /** Undefined: nobody waits. */
  readonly waitMs: number | undefined;
  readonly cause?: string;
}

/** What the message of an activation says whoever runs it; its arguments are added by who knows them. */
export function ownMessage(
  ctx: RequestContext,
  { cause, identity, target, waitMs }: Asked,
  { activationId, initArgs }: Pick<ActivationMessage, 'activationId' | 'initArgs'>,
): OwnMessage {
  const message: OwnMessage = {
    transactionId: ctx.transactionId,
    transactionStart: ctx.startedAt,
    activationId,
    action: target.name,
    version: target.action.entity.version,
    revision: target.action.revision,
    user: identity,
    blocking: waitMs !== undefined,
    initArgs,
    durable: waitMs === undefined,
  };
  if (cause !== undefined) message.cause = cause;
  if (target.binding !== undefined) message.binding = target.binding;
  if (ctx.parentTransactionId !== undefined) message.parentTransactionId = ctx.parentTransactionId;
  if (ctx.extraLogging === true) message.extraLogging = true;
  return message;
}
