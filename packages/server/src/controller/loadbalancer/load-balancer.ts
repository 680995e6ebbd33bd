import type { Counter, Metrics } from '../../base/metrics.ts';
import { InvokerSlots } from './invoker-slots.ts';
import { NONE, schedule, scheduleOverloaded, type InvokerPool, type Need } from './schedule.ts';
import { stepSizes } from './step-sizes.ts';

interface LoadBalancerDeps {
  readonly metrics: Metrics;
  /** In [0, 1); chooses an invoker when all are full. */
  readonly random: () => number;
  /** Share of the invokers, from the first, that runs managed kinds. */
  readonly managedFraction?: number;
  /** Share of the invokers, from the last, that runs users' own images. */
  readonly blackboxFraction?: number;
}

const NO_POOL: InvokerPool = { from: 0, size: 0, steps: [1] };

function poolOf(from: number, to: number): InvokerPool {
  return { from, size: to - from, steps: stepSizes(to - from) };
}

/** Places activations on invokers and remembers what each of them has left. */
export class LoadBalancer {
  readonly slots = new InvokerSlots();
  readonly #random: () => number;
  readonly #managedFraction: number;
  readonly #blackboxFraction: number;
  readonly #overloads: Counter;
  #pooledInvokers = 0;
  #managed = NO_POOL;
  #blackbox = NO_POOL;

  private constructor(deps: LoadBalancerDeps) {
    this.#random = deps.random;
    this.#managedFraction = deps.managedFraction ?? 0.9;
    // Every invoker belongs to a pool: what isn't managed is for images.
    this.#blackboxFraction = Math.max(deps.blackboxFraction ?? 0.1, 1 - this.#managedFraction);
    deps.metrics.gauge('gauge_loadbalancer_totalCapacity_counter', () => this.slots.totals().capacityMb);
    deps.metrics.gauge('gauge_loadbalancer_memoryInflight_counter', () => this.slots.totals().usedMb);
    this.#overloads = deps.metrics.counter('counter_loadbalancer_invokerSystemOverload_total');
  }

  static open(deps: LoadBalancerDeps): LoadBalancer {
    return new LoadBalancer(deps);
  }

  /** Takes a place for the activation. Returns the invoker, or {@link NONE} when none is up. */
  place(need: Need): number {
    if (this.#pooledInvokers !== this.slots.count) this.#rebuildPools();
    const pool = need.blackbox ? this.#blackbox : this.#managed;
    let invoker = schedule(need, pool, this.slots);
    if (invoker === NONE) {
      invoker = scheduleOverloaded(pool, this.slots, this.#random());
      if (invoker === NONE) return NONE;
      this.#overloads.add();
    }
    this.slots.take(invoker, need);
    return invoker;
  }

  /** Gives the place back; once for each `place`. */
  free(invoker: number, need: Need): void {
    this.slots.release(invoker, need);
  }

  #rebuildPools(): void {
    const count = this.slots.count;
    const managed = Math.max(1, Math.ceil(count * this.#managedFraction));
    const blackbox = Math.max(1, Math.floor(count * this.#blackboxFraction));
    this.#managed = poolOf(0, managed);
    this.#blackbox = poolOf(count - blackbox, count);
    this.#pooledInvokers = count;
  }
}
