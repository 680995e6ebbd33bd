import { factsOf, type AgentToMaster, type MasterToAgent } from '../agent/link.ts';
import type { Clock } from '../base/clock.ts';
import type { FaultRules } from '../faults/fault-rules.ts';
import { FaultyLine } from '../faults/faulty-line.ts';

export interface AgentLinkOptions {
  /** Counted from 1: what rules name. */
  readonly agent: number;
  readonly clock: Clock;
  readonly rules: FaultRules;
  readonly toMaster: (message: AgentToMaster) => void;
  readonly toAgent: (message: MasterToAgent) => void;
  /** Told once, to the side that has not closed it. */
  readonly onClosed: (by: 'agent' | 'master') => void;
}

/** One connection of an agent with a master: two lines on which things can go wrong. */
export class AgentLink {
  readonly #options: AgentLinkOptions;
  readonly #up: FaultyLine<AgentToMaster>;
  readonly #down: FaultyLine<MasterToAgent>;
  #isPartitioned = false;
  #isClosed = false;

  constructor(options: AgentLinkOptions) {
    this.#options = options;
    const { clock, rules, agent } = options;
    this.#up = new FaultyLine<AgentToMaster>({
      clock,
      strike: (message) => rules.strike({ on: 'from-agent', agent, ...factsOf(message) }),
      deliver: options.toMaster,
    });
    this.#down = new FaultyLine<MasterToAgent>({
      clock,
      strike: (message) => rules.strike({ on: 'to-agent', agent, ...factsOf(message) }),
      deliver: options.toAgent,
    });
  }

  /** Everything is lost both ways, and neither side is told. */
  partition(): void {
    this.#isPartitioned = true;
  }

  sendToMaster(message: AgentToMaster): void {
    if (!this.#isPartitioned) this.#up.send(message);
  }

  sendToAgent(message: MasterToAgent): void {
    if (!this.#isPartitioned) this.#down.send(message);
  }

  close(by: 'agent' | 'master'): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#up.close();
    this.#down.close();
    this.#options.onClosed(by);
  }
}
