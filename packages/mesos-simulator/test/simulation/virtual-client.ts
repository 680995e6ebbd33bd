import {
  SchedulerCore,
  type AgentTotals,
  type Clock,
  type CoreEffect,
  type CoreInput,
  type CoreOptions,
  type StoredState,
  type TaskUpdate,
} from '@vibrissa/mesos';
import type { VirtualCluster } from '../../src/virtual/virtual-cluster.ts';
import type { VirtualConnection } from '../../src/virtual/virtual-transport.ts';
import type { Dice } from './dice.ts';
import type { VirtualStore } from './virtual-store.ts';

/** The name under which a client's connections are known to the cluster. */
export const clientName = 'scheduler';

/** More of them at one moment of virtual time are a loop without an end. */
const TICKS_AT_ONCE = 1000;

interface ClientDeps {
  readonly cluster: VirtualCluster;
  readonly dice: Dice;
  readonly store: VirtualStore;
  readonly options: CoreOptions;
  /** The owner handles an update; `done` may come late, or with an error. */
  readonly onTask: (told: TaskUpdate, done: (error?: Error) => void) => void;
  /** Sees everything that goes in and comes out, in order. */
  readonly watch: {
    input(input: CoreInput, nowMs: number): void;
    effect(effect: CoreEffect, nowMs: number): void;
  };
}

/**
 * One life of a scheduler's process: gives the core its inputs and executes what it answers, as the real driver does,
 * but in the cluster's time and without a promise, so that a seed replays every step.
 */
export class VirtualClient {
  readonly core: SchedulerCore;
  readonly #deps: ClientDeps;
  readonly #clock: Clock;
  readonly #inputs: CoreInput[] = [];
  #isRunning = false;
  #isGone = false;
  #connection: VirtualConnection | undefined;
  #connectionNumber = 0;
  #detections = 0;
  #ticks = 0;
  #tickedMs = 0;
  #timer: { readonly atMs: number; readonly cancel: () => void } | undefined;

  constructor(deps: ClientDeps) {
    this.#deps = deps;
    this.#clock = deps.cluster.clock;
    this.core = new SchedulerCore(deps.options, { random: deps.dice });
  }

  start(stored: StoredState): void {
    this.input({ type: 'start', stored });
  }

  input(input: CoreInput): void {
    if (this.#isGone) return;
    this.#inputs.push(input);
    if (this.#isRunning) return;
    this.#isRunning = true;
    for (let next = this.#inputs.shift(); next; next = this.#inputs.shift()) this.#step(next);
    this.#isRunning = false;
    this.#arm();
  }

  /** In good order. Returns what the core has left: nothing, if all is well. */
  close(): readonly string[] {
    this.input({ type: 'close' });
    const left = [...(this.#timer ? ['a timer'] : []), ...(this.#connection ? ['a connection'] : [])];
    this.crash();
    return left;
  }

  /** SIGKILL. */
  crash(): void {
    this.#isGone = true;
    this.#inputs.length = 0;
    this.#timer?.cancel();
    this.#hangUp();
    this.#deps.cluster.crashClient(clientName);
  }

  #step(input: CoreInput): void {
    const { watch } = this.#deps;
    const nowMs = this.#clock.monotonicMs();
    if (input.type === 'tick') this.#ticked(nowMs);
    watch.input(input, nowMs);
    for (const effect of this.core.step({ nowMs, epochMs: this.#clock.now() }, input)) {
      watch.effect(effect, nowMs);
      this.#execute(effect);
    }
  }

  #ticked(nowMs: number): void {
    this.#ticks = nowMs === this.#tickedMs ? this.#ticks + 1 : 0;
    this.#tickedMs = nowMs;
    if (this.#ticks > TICKS_AT_ONCE)
      throw new Error('the client spins: it wants to be woken at once, again and again');
  }

  #execute(effect: CoreEffect): void {
    switch (effect.type) {
      case 'detect-masters':
        return this.#detect();
      case 'connect':
        return this.#connect(effect);
      case 'disconnect':
        if (effect.connection === this.#connectionNumber) this.#hangUp();
        return;
      case 'send': {
        const { connection, callId, frameworkId, call } = effect;
        if (connection !== this.#connectionNumber) return;
        this.#connection?.send(callId, { ...call, framework_id: { value: frameworkId } });
        return;
      }
      case 'persist':
        return this.#deps.store.write(effect.change, (error) =>
          this.input({ type: 'persisted', write: effect.write, ...(error ? { error } : {}) }),
        );
      case 'task-update':
        return this.#deps.onTask(effect.told, (error) =>
          this.input({ type: 'handled', update: effect.update, ...(error ? { error } : {}) }),
        );
      case 'ask-agents':
        this.#clock.after(this.#deps.dice.between(1, 20), () =>
          this.input({ type: 'agents', totals: totalsIn(this.#deps.cluster) }),
        );
        return;
      default:
    }
  }

  #detect(): void {
    const { cluster, dice } = this.#deps;
    const detection = ++this.#detections;
    this.#clock.after(dice.between(0, 20), () => {
      if (detection !== this.#detections) return;
      this.input({ type: 'masters', masters: dice.shuffled(cluster.masterUrls) });
    });
  }

  #connect({ connection, master, call }: Extract<CoreEffect, { type: 'connect' }>): void {
    this.#hangUp();
    this.#connectionNumber = connection;
    this.#connection = this.#deps.cluster.transport(clientName).subscribe(master, call, {
      onOpened: ({ streamId }) => this.input({ type: 'opened', connection, streamId }),
      onAlive: () => this.input({ type: 'alive', connection }),
      onEvent: (event) => this.input({ type: 'event', connection, event }),
      onEnded: (end) => this.input({ type: 'ended', connection, end }),
      onAnswered: (answer) => this.input({ type: 'answered', connection, answer }),
    });
  }

  #hangUp(): void {
    this.#connection?.close();
    this.#connection = undefined;
  }

  #arm(): void {
    const atMs = this.core.nextDeadlineMs;
    if (atMs === undefined || this.#isGone) {
      this.#timer?.cancel();
      this.#timer = undefined;
      return;
    }
    if (this.#timer && this.#timer.atMs <= atMs) return;
    this.#timer?.cancel();
    const delayMs = Math.max(0, atMs - this.#clock.monotonicMs());
    const { cancel } = this.#clock.after(delayMs, () => {
      this.#timer = undefined;
      this.input({ type: 'tick' });
    });
    this.#timer = { atMs, cancel };
  }
}

/** What the master says of its agents. */
function totalsIn(cluster: VirtualCluster): readonly AgentTotals[] {
  const { agents = [] } = cluster.snapshot() ?? {};
  return agents.map(({ id, total }) => {
    const resources: Record<string, number> = {};
    for (const resource of total) {
      if (resource.type === 'SCALAR') {
        resources[resource.name] = (resources[resource.name] ?? 0) + resource.scalar.value;
      } else if (resource.type === 'RANGES') {
        for (const { begin, end } of resource.ranges.range) {
          resources[resource.name] = (resources[resource.name] ?? 0) + end - begin + 1;
        }
      }
    }
    return { agentId: id, resources };
  });
}
