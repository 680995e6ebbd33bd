/** What goes wrong in a cluster, drawn from a seed, and when it did. */
import { setTimeout as sleep } from 'node:timers/promises';

import type { ClusterProcess } from './cluster-process.ts';

/** Epoch milliseconds. */
export interface Hit {
  readonly what: string;
  readonly fromMs: number;
  untilMs: number;
  /** The agent that was hit; absent: it may have been any, or all. */
  readonly agent?: number;
  readonly taskId?: string;
}

export interface TroubleOptions {
  readonly cluster: ClusterProcess;
  readonly random: () => number;
  /** Between two troubles, at most. */
  readonly pauseMs: number;
}

/** The longest that something is away. An agent is unreachable before that. */
const AWAY_MS = 2500;

const messageFaults = [
  { on: 'calls', type: 'ACCEPT', fault: 'lose-answer' },
  { on: 'calls', type: 'ACCEPT', fault: 'duplicate' },
  { on: 'calls', type: 'KILL', fault: 'lose-answer' },
  { on: 'calls', type: 'ACKNOWLEDGE', fault: 'swallow' },
  { on: 'events', type: 'UPDATE', fault: 'duplicate' },
  { on: 'events', type: 'UPDATE', fault: 'cut' },
  { on: 'events', fault: 'end' },
  { on: 'events', fault: 'garbage' },
  { on: 'to-agent', fault: 'delay', delayMs: 300 },
  { on: 'from-agent', fault: 'delay', delayMs: 300 },
  { on: 'from-agent', fault: 'duplicate' },
] as const;

export class Trouble {
  readonly hits: Hit[] = [];
  readonly #options: TroubleOptions;

  constructor(options: TroubleOptions) {
    this.#options = options;
  }

  /** Notes what somebody else does. */
  note(what: string): Hit {
    return this.#begin({ what });
  }

  /** Makes trouble until the signal; what it has taken away is back when it resolves. */
  async make(signal: AbortSignal): Promise<void> {
    await Promise.all([
      this.#repeat(signal, () => this.#hitAgent(this.#pick([1, 2]))),
      this.#repeat(signal, () => this.#hitAgent(3)),
      this.#repeat(signal, () => this.#hitOther()),
      this.#repeat(signal, () => this.#hitOther()),
    ]);
  }

  async #repeat(signal: AbortSignal, hit: () => Promise<void>): Promise<void> {
    while (!signal.aborted) {
      await this.#sleep(this.#options.pauseMs);
      if (!signal.aborted) await hit();
    }
  }

  #hitAgent(agent: number): Promise<void> {
    const path = (verb: string) => `agents/${agent}/${verb}`;
    switch (this.#pick(['kill', 'kill', 'leave', 'partition', 'drain'])) {
      case 'kill':
        return this.#during({ what: 'kill', agent }, path('kill'), path('start'));
      case 'leave':
        return this.#during({ what: 'leave', agent }, path('leave'), path('start'));
      case 'partition':
        return this.#during({ what: 'partition', agent }, path('partition'), path('heal'));
      default:
        return this.#during({ what: 'drain', agent }, path('drain'), path('reactivate'));
    }
  }

  async #hitOther(): Promise<void> {
    switch (this.#pick(['task', 'task', 'task', 'master', 'message', 'message', 'rescind'])) {
      case 'task':
        return this.#killTask();
      case 'master':
        return this.#during({ what: 'master' }, 'masters/1/kill', 'masters/1/start');
      case 'message': {
        const rule = this.#pick(messageFaults);
        const hit = this.#begin({ what: `${rule.fault} ${rule.on}` });
        await this.#control('faults', { ...rule, times: 1 });
        hit.untilMs = Date.now();
        return;
      }
      default:
        await this.#control('offers/rescind', {});
    }
  }

  /** One of its processes: the launcher, the sandbox, the runtime. */
  async #killTask(): Promise<void> {
    const processes = this.#options.cluster.processes();
    if (processes.length === 0) return;
    const { pid, taskId } = this.#pick(processes);
    const hit = this.#begin({ what: 'task', taskId });
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // It has ended.
    }
    hit.untilMs = Date.now();
  }

  async #during(hit: Omit<Hit, 'fromMs' | 'untilMs'>, take: string, giveBack: string): Promise<void> {
    const begun = this.#begin(hit);
    await this.#control(take);
    await this.#sleep(AWAY_MS);
    // A master that is away can't give an agent back.
    while (!(await this.#control(giveBack))) await sleep(50);
    begun.untilMs = Date.now();
  }

  /** False where that can't be now. */
  #control(path: string, body?: object): Promise<boolean> {
    return this.#options.cluster.control(path, body);
  }

  #begin(hit: Omit<Hit, 'fromMs' | 'untilMs'>): Hit {
    const begun = { ...hit, fromMs: Date.now(), untilMs: Infinity };
    this.hits.push(begun);
    return begun;
  }

  #sleep(mostMs: number): Promise<void> {
    return sleep(this.#options.random() * mostMs);
  }

  #pick<T>(things: readonly T[]): T {
    return things[Math.floor(this.#options.random() * things.length)] as T;
  }
}
