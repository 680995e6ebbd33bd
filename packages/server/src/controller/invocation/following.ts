import type { RequestContext } from '../../base/request-context.ts';
import type { Trail } from '../../base/trail.ts';

/** The same request, whose steps from here on are part of another one; as it is where nobody follows. */
export function following(ctx: RequestContext, trail: Trail | undefined): RequestContext {
  if (trail === undefined) return ctx;
  const { clock, extraLogging, parentTransactionId, signal, startedAt, transactionId } = ctx;
  return {
    transactionId,
    startedAt,
    clock,
    trail,
    get logger() {
      return ctx.logger;
    },
    ...(parentTransactionId !== undefined && { parentTransactionId }),
    ...(signal && { signal }),
    ...(extraLogging !== undefined && { extraLogging }),
  };
}
