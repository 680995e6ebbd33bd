import type { RandomSource } from '../base/random.ts';
import type { StepTime } from '../base/step-time.ts';
import { allocate } from './allocator/allocate.ts';
import { removeOffer } from './allocator/recover-resources.ts';
import { scheduleAllocation } from './allocator/allocate.ts';
import { disconnectAgent } from './agents/lose-agent.ts';
import { fromAgent } from './agents/from-agent.ts';
import { ping } from './agents/ping.ts';
import { schedulerCall } from './call/scheduler-call.ts';
import { disconnectFramework, removeFramework } from './frameworks/leave.ts';
import { beat } from './frameworks/subscribe.ts';
import { finishRecovery, forgetRecoveredAgents, follow } from './leadership.ts';
import type { MasterOptions } from './master-options.ts';
import type { MasterEffect, MasterInput } from './messages.ts';
import { beatOperator, operatorCall } from './operator/operator-call.ts';
import type { Registry } from './registry.ts';
import { takeSnapshot, type MasterSnapshot } from './snapshot.ts';
import { MasterState, type MasterDeadline } from './state/master-state.ts';

/** A Mesos master without I/O; see {@link MasterInput}. Deterministic, given inputs and random source. */
export class MasterCore {
  readonly #master: MasterState;

  /** `registry`: what it remembers of a former life, or of another master; default: a new one, as with `in_memory`. */
  constructor(options: MasterOptions, deps: { readonly random: RandomSource; readonly registry?: Registry }) {
    this.#master = new MasterState(options, deps);
  }

  /** This start of the master; framework, agent and offer ids begin with it. */
  get id(): string {
    return this.#master.id;
  }

  /** Monotonic milliseconds at which it wants a `tick`. */
  get nextDeadlineMs(): number | undefined {
    return this.#master.deadlines.nextMs;
  }

  /** Where a request that only the leader answers has to go: 307 and 503 of paths that the driver serves itself. */
  get leadership(): 'leading' | 'recovering' | { readonly leader: string } | 'none' {
    const { phase, leader } = this.#master;
    if (phase !== 'following') return phase;
    return leader === undefined ? 'none' : { leader: `${leader.hostname}:${leader.port}` };
  }

  step(time: StepTime, input: MasterInput): readonly MasterEffect[] {
    const master = this.#master;
    master.time = time;
    master.startMs ??= time.epochMs;
    this.#expire();
    this.#handle(input);
    return master.takeEffects();
  }

  /** Everything that its state endpoints show, at the time of the last step. */
  snapshot(): MasterSnapshot {
    return takeSnapshot(this.#master);
  }

  #handle(input: MasterInput): void {
    const master = this.#master;
    switch (input.type) {
      case 'leader':
        return follow(master, input.leader);
      case 'scheduler-call':
        return schedulerCall(master, input.request, input.call);
      case 'operator-call':
        return operatorCall(master, input.request, input.call);
      case 'stream-closed':
        return this.#streamClosed(input.stream);
      case 'agent-message':
        return fromAgent(master, input.link, input.message);
      case 'agent-disconnected': {
        const agent = master.agentsByLink.get(input.link);
        if (agent !== undefined) disconnectAgent(master, agent);
        return;
      }
      case 'rescind-offers':
        return this.#rescindOffers(input.frameworkId);
      case 'tick':
    }
  }

  #expire(): void {
    const { deadlines, time } = this.#master;
    for (let due = deadlines.takeDue(time.nowMs); due !== undefined; due = deadlines.takeDue(time.nowMs)) {
      this.#wake(due);
    }
  }

  #wake(deadline: MasterDeadline): void {
    const master = this.#master;
    switch (deadline.kind) {
      case 'recovered':
        return finishRecovery(master);
      case 'forget-recovered-agents':
        return forgetRecoveredAgents(master);
      case 'allocate':
        return allocate(master);
      case 'heartbeat':
        return beat(master, deadline.framework);
      case 'operator-heartbeat':
        return beatOperator(master, deadline.stream);
      case 'failover':
        return removeFramework(master, deadline.framework);
      case 'offer-timeout':
        return removeOffer(master, deadline.offer, { rescind: true });
      case 'ping':
        return ping(master, deadline.agent);
      case 'filter': {
        const { framework, role, agent, filter } = deadline;
        if (framework.filters.get(role)?.get(agent.id)?.delete(filter) !== true) return;
        master.candidates.add(agent);
        return scheduleAllocation(master);
      }
      case 'inverse-filter':
        if (master.agents.get(deadline.agent.id) !== deadline.agent) return;
        master.candidates.add(deadline.agent);
        return scheduleAllocation(master);
    }
  }

  #streamClosed(stream: number): void {
    const master = this.#master;
    master.operatorStreams.delete(stream);
    master.deadlines.delete(`operator:${stream}`);
    const framework = master.streams.get(stream);
    if (framework?.stream?.number === stream) disconnectFramework(master, framework);
  }

  #rescindOffers(frameworkId: string | undefined): void {
    for (const offer of this.#master.offers.values()) {
      if (frameworkId !== undefined && offer.framework.id !== frameworkId) continue;
      removeOffer(this.#master, offer, { rescind: true });
    }
  }
}
