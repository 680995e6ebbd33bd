import type { RequestContext } from '../../base/request-context.ts';
import type { InvokeRequest } from './invoke-action.ts';
import type { InvokeOutcome } from './invoke-outcome.ts';

/**
 * Runs an action of any sort: one in a container, a sequence, a composition, one of the platform's own. Who asks for it, a
 * route, a trigger or a sequence, needs not know which.
 */
export interface Invoking {
  /** Never rejects for a fault of journal, bus or store: those are refusals (503). */
  invoke(ctx: RequestContext, request: InvokeRequest): Promise<InvokeOutcome>;
  /** Activations under way, with the full name of their action. */
  inFlight(): readonly (readonly [activationId: string, fqn: string])[];
}
