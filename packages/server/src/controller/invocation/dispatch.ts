import type { RequestContext } from '../../base/request-context.ts';
import { SYSTEM_NAMESPACE } from './built-in-action.ts';
import type { InvokeRequest, Invocations } from './invoke-action.ts';
import type { BuiltInInvocations } from './invoke-built-in.ts';
import type { InvokeOutcome } from './invoke-outcome.ts';
import type { Invoking } from './invoking.ts';

interface DispatchDeps {
  readonly containers: Pick<Invocations, 'invoke' | 'inFlight'>;
  readonly builtIns: Pick<BuiltInInvocations, 'find' | 'invoke'>;
}

/** Hands each invocation to who runs that sort of action. */
export class Dispatch implements Invoking {
  readonly #deps: DispatchDeps;

  private constructor(deps: DispatchDeps) {
    this.#deps = deps;
  }

  static open(deps: DispatchDeps): Dispatch {
    return new Dispatch(deps);
  }

  invoke(ctx: RequestContext, request: InvokeRequest): Promise<InvokeOutcome> {
    const { builtIns, containers } = this.#deps;
    if (request.target.name.namespace === SYSTEM_NAMESPACE) {
      const builtIn = builtIns.find(request);
      if (builtIn) return builtIns.invoke(ctx, request, builtIn);
    }
    return containers.invoke(ctx, request);
  }

  inFlight(): readonly (readonly [activationId: string, fqn: string])[] {
    return this.#deps.containers.inFlight();
  }
}
