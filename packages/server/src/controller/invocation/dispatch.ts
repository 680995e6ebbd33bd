import type { RequestContext } from '../../base/request-context.ts';
import type { Unfinished } from '../../store/activation-journal.ts';
import { unavailable } from './admission.ts';
import { SYSTEM_NAMESPACE } from './built-in-action.ts';
import { compositeKindOf } from './composite-kind.ts';
import type { InvokeRequest, Invocations } from './invoke-action.ts';
import type { BuiltInInvocations } from './invoke-built-in.ts';
import type { CompositeInvocations } from './invoke-composite.ts';
import type { InvokeOutcome } from './invoke-outcome.ts';
import type { Invoking } from './invoking.ts';

interface DispatchDeps {
  readonly containers: Pick<Invocations, 'invoke' | 'inFlight' | 'invokers' | 'resume' | 'stop' | 'drain'>;
  readonly builtIns: Pick<BuiltInInvocations, 'find' | 'invoke'>;
  readonly composites: Pick<CompositeInvocations, 'invoke' | 'inFlight' | 'resume' | 'stop' | 'drain'>;
}

/** Hands each invocation to who runs that sort of action. */
export class Dispatch implements Invoking {
  readonly #deps: DispatchDeps;
  #isDisabled = false;

  private constructor(deps: DispatchDeps) {
    this.#deps = deps;
  }

  static open(deps: DispatchDeps): Dispatch {
    return new Dispatch(deps);
  }

  invoke(ctx: RequestContext, request: InvokeRequest): Promise<InvokeOutcome> {
    const { builtIns, composites, containers } = this.#deps;
    if (this.#isDisabled && request.cause === undefined) return Promise.resolve(unavailable);
    if (request.target.name.namespace === SYSTEM_NAMESPACE) {
      const builtIn = builtIns.find(request);
      if (builtIn) return builtIns.invoke(ctx, request, builtIn);
    }
    const kind = compositeKindOf(request.target.action.entity);
    if (kind) return composites.invoke(ctx, request, { kind, invoking: this });
    return containers.invoke(ctx, request);
  }

  inFlight(): readonly (readonly [activationId: string, fqn: string])[] {
    return [...this.#deps.composites.inFlight(), ...this.#deps.containers.inFlight()];
  }

  /** Settles what a crash left behind: see `Invocations.resume`. */
  async resume(unfinished: readonly Unfinished[]): Promise<void> {
    const { composites, containers } = this.#deps;
    const isComposite = ({ message }: Unfinished) => message.composite !== undefined;
    const ready = () => containers.invokers().some(([, state]) => state === 'up');
    await Promise.all([
      containers.resume(unfinished.filter((one) => !isComposite(one))),
      composites.resume(unfinished.filter(isComposite), { invoking: this, ready }),
    ]);
  }

  /** Refuses what is new from now on (503); what runs goes on, sequences too. */
  disable(): void {
    this.#isDisabled = true;
  }

  /** As {@link disable}, and begins no further part of a sequence. */
  stop(): void {
    this.#deps.composites.stop();
    this.#deps.containers.stop();
  }

  /** Ends what is on its way, after at most `deadlineMs`: the actions first, and then what they are part of. */
  async drain(deadlineMs: number): Promise<void> {
    this.stop();
    await this.#deps.containers.drain(deadlineMs);
    await this.#deps.composites.drain();
  }
}
