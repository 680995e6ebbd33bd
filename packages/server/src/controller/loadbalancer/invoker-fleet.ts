import type { PingMessage } from '@vibrissa/protocol';
import type { Clock } from '../../base/clock.ts';
import { Deadlines, type Deadline } from '../../base/deadlines.ts';
import type { Logger } from '../../base/logger.ts';
import type { Counter, Metrics } from '../../base/metrics.ts';

/** OpenWhisk's words for the state of an invoker. */
export type InvokerState = 'up' | 'down';

/** Where the fleet says what it learned. */
export interface FleetListener {
  setInvoker(invoker: number, capacityMb: number, usable: boolean): void;
}

interface InvokerFleetDeps {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly listener: FleetListener;
  /**
   * Silence after which an invoker counts as down. Absent: never; an invoker in the controller's own process is up
   * for as long as it says so, because whatever silences it silences the controller as well.
   */
  readonly offlineAfterMs?: number;
}

interface KnownInvoker {
  state: InvokerState;
  userMemoryMb: number;
  silence: Deadline<number> | undefined;
}

/** The invokers and their states, from their pings. An invoker's id is its index. */
export class InvokerFleet {
  readonly #logger: Logger;
  readonly #listener: FleetListener;
  readonly #changes: { readonly [S in InvokerState]: Counter };
  readonly #offlineAfterMs: number | undefined;
  readonly #silences: Deadlines<number>;
  readonly #invokers: KnownInvoker[] = [];
  #up = 0;

  private constructor(deps: InvokerFleetDeps) {
    this.#logger = deps.logger;
    this.#listener = deps.listener;
    const changes = (state: InvokerState) =>
      deps.metrics.counter('counter_loadbalancer_invokerState_counter_total', state);
    this.#changes = { up: changes('up'), down: changes('down') };
    deps.metrics.gauge('gauge_loadbalancer_totalHealthyInvoker_counter', () => this.up);
    deps.metrics.gauge(
      'gauge_loadbalancer_totalOfflineInvoker_counter',
      () => this.#invokers.length - this.up,
    );
    this.#offlineAfterMs = deps.offlineAfterMs;
    this.#silences = Deadlines.open(deps.clock, (invoker) => this.#silent(invoker));
  }

  static open(deps: InvokerFleetDeps): InvokerFleet {
    return new InvokerFleet(deps);
  }

  ping(message: PingMessage): void {
    const known = this.#known(message.invoker);
    if (known.silence) this.#silences.remove(known.silence);
    known.silence = undefined;
    if (message.enabled && this.#offlineAfterMs !== undefined) {
      known.silence = this.#silences.add(this.#offlineAfterMs, message.invoker);
    }
    const state = message.enabled ? 'up' : 'down';
    if (state === known.state && message.userMemoryMb === known.userMemoryMb) return;
    known.userMemoryMb = message.userMemoryMb;
    this.#become(message.invoker, known, state);
  }

  /** `[invoker id, state]`, ascending. */
  states(): readonly (readonly [invoker: number, state: InvokerState])[] {
    return this.#invokers.map(({ state }, invoker) => [invoker, state] as const);
  }

  /** How many are up. */
  get up(): number {
    return this.#up;
  }

  close(): void {
    this.#silences.close();
  }

  #known(invoker: number): KnownInvoker {
    while (this.#invokers.length <= invoker) {
      this.#invokers.push({ state: 'down', userMemoryMb: 0, silence: undefined });
    }
    return this.#invokers[invoker] as KnownInvoker;
  }

  #silent(invoker: number): void {
    const known = this.#known(invoker);
    known.silence = undefined;
    this.#become(invoker, known, 'down');
  }

  #become(invoker: number, known: KnownInvoker, state: InvokerState): void {
    if (state !== known.state) {
      this.#up += state === 'up' ? 1 : -1;
      this.#changes[state].add();
      this.#logger.info({ invoker, state, userMemoryMb: known.userMemoryMb }, 'Invoker changed its state');
    }
    known.state = state;
    this.#listener.setInvoker(invoker, known.userMemoryMb, state === 'up');
  }
}
