import type { ProbeResult } from '../agent/messages.ts';
import type { Clock } from '../base/clock.ts';
import type { RandomSource } from '../base/random.ts';
import type { HttpAnswer } from '../http/answer.ts';
import { StepLoop } from '../simulator/step-loop.ts';
import type { VirtualConnection, VirtualTransport } from '../virtual/virtual-transport.ts';
import { MarathonCore } from './marathon-core.ts';
import type { MarathonSettings } from './marathon-state.ts';
import type { ApiCall, MarathonEffect, MarathonInput } from './messages.ts';

export type ProbeOrder = Extract<MarathonEffect, { readonly type: 'probe' }>;

export interface MarathonDriverOptions {
  readonly clock: Clock;
  readonly random: RandomSource;
  readonly settings: MarathonSettings;
  /** Over sockets, or in memory. */
  readonly transport: VirtualTransport;
  /** Undefined while nobody leads. */
  readonly leaderUrl: () => string | undefined;
  /** Marathon's own health checks. */
  readonly probe: (order: ProbeOrder) => Promise<ProbeResult>;
}

const ACCEPTED = 202;

/** Gives Marathon's core its time and its wires, real or virtual ones. */
export class MarathonDriver {
  readonly #options: MarathonDriverOptions;
  readonly #core: MarathonCore;
  readonly #loop: StepLoop<MarathonInput, MarathonEffect>;
  readonly #pending = new Map<number, (answer: HttpAnswer) => void>();
  readonly #settling = new Set<{ readonly appId: string | undefined; readonly resolve: () => void }>();
  #requests = 0;
  #calls = 0;
  #connection: VirtualConnection | undefined;

  constructor(options: MarathonDriverOptions) {
    this.#options = options;
    this.#core = new MarathonCore(options.settings, options.random);
    this.#loop = new StepLoop<MarathonInput, MarathonEffect>({
      clock: options.clock,
      stepper: this.#stepper(),
      tick: { type: 'tick' },
      execute: (effect) => this.#execute(effect),
    });
  }

  get frameworkId(): string | undefined {
    return this.#core.frameworkId;
  }

  start(): void {
    this.#loop.take({ type: 'tick' });
  }

  /** `answered` is called before this returns, unless Marathon is in the middle of a step. */
  request(call: ApiCall, answered: (answer: HttpAnswer) => void): void {
    const request = ++this.#requests;
    this.#pending.set(request, answered);
    this.#loop.take({ type: 'request', request, call });
  }

  /** Resolves when an app, or every one, has what it asks for; never, when that doesn't come. */
  whenSettled(appId?: string): Promise<void> {
    if (this.#core.isSettled(appId)) return Promise.resolve();
    return new Promise((resolve) => this.#settling.add({ appId, resolve }));
  }

  /** Its connections break: tasks go on, as those of a framework that may come back. */
  close(): void {
    this.#loop.close();
    this.#connection?.close();
  }

  /** After each step those who wait for a state look at it. */
  #stepper() {
    const core = this.#core;
    const told = (): void => this.#tellSettled();
    return {
      step(...[time, input]: Parameters<MarathonCore['step']>) {
        const effects = core.step(time, input);
        told();
        return effects;
      },
      get nextDeadlineMs() {
        return core.nextDeadlineMs;
      },
    };
  }

  #tellSettled(): void {
    for (const waiting of this.#settling) {
      if (!this.#core.isSettled(waiting.appId)) continue;
      this.#settling.delete(waiting);
      waiting.resolve();
    }
  }

  #execute(effect: MarathonEffect): void {
    switch (effect.type) {
      case 'subscribe':
        return this.#subscribe(effect.call);
      case 'call':
        this.#connection?.send(++this.#calls, effect.call);
        return;
      case 'answer':
        this.#pending.get(effect.request)?.(effect.answer);
        this.#pending.delete(effect.request);
        return;
      case 'probe':
        void this.#probe(effect);
    }
  }

  #subscribe(call: Parameters<VirtualTransport['subscribe']>[1]): void {
    this.#connection?.close();
    this.#connection = undefined;
    const url = this.#options.leaderUrl();
    if (url === undefined) return this.#loop.take({ type: 'disconnected' });
    const connection = this.#options.transport.subscribe(url, call, {
      onOpened: () => undefined,
      onAlive: () => undefined,
      onEvent: (event) => {
        if (this.#connection === connection) this.#loop.take({ type: 'event', event });
      },
      onEnded: () => this.#lost(connection),
      // A call that is refused is none of this subscription any more.
      onAnswered: ({ status }) => {
        if (status !== ACCEPTED) this.#lost(connection);
      },
    });
    this.#connection = connection;
  }

  #lost(connection: VirtualConnection): void {
    if (this.#connection !== connection) return;
    this.#connection = undefined;
    connection.close();
    this.#loop.take({ type: 'disconnected' });
  }

  async #probe(order: ProbeOrder): Promise<void> {
    const result = await this.#options.probe(order);
    this.#loop.take({ type: 'probed', taskId: order.taskId, check: order.check, result });
  }
}
