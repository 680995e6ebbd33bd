import type { RandomSource } from '../base/random.ts';
import type { StepTime } from '../base/step-time.ts';
import { AgentState, type AgentCheckpoint, type AgentDeadline, type AgentOptions } from './agent-state.ts';
import {
  containerExited,
  containerFailed,
  containerLaunched,
  containerLimited,
  executorStarted,
  executorTerminated,
  runOvertime,
} from './container-facts.ts';
import { exitExecutor } from './end-run.ts';
import { exitAgent, fromMaster, tellOperation } from './from-master.ts';
import type { AgentEffect, AgentInput } from './messages.ts';
import { probeAnswered, probeRun } from './probe-run.ts';
import { recoverAgent, takeCheckpoint } from './recover-agent.ts';
import { masterConnected, masterDisconnected, pingTimeout, register } from './registration.ts';
import type { Run } from './run.ts';
import { retryFront } from './update-stream.ts';

/** A Mesos agent without I/O; see {@link AgentInput}. Deterministic, given inputs and random source. */
export class AgentCore {
  readonly #agent: AgentState;
  readonly #recovered: AgentCheckpoint | undefined;

  constructor(options: AgentOptions, random: RandomSource) {
    this.#agent = new AgentState(options, random);
    this.#recovered = options.checkpoint;
  }

  /** Undefined until a master has registered it. */
  get agentId(): string | undefined {
    return this.#agent.agentId;
  }

  /** Monotonic milliseconds at which it wants a `tick`. */
  get nextDeadlineMs(): number | undefined {
    return this.#agent.exited ? undefined : this.#agent.deadlines.nextMs;
  }

  step(time: StepTime, input: AgentInput): readonly AgentEffect[] {
    const agent = this.#agent;
    if (agent.exited) return [];
    agent.time = time;
    for (let due = agent.deadlines.takeDue(time.nowMs); due; due = agent.deadlines.takeDue(time.nowMs)) {
      this.#wake(due);
    }
    this.#handle(input);
    return agent.takeEffects();
  }

  /** What its work directory holds at this moment: what a restart begins with. */
  checkpoint(): AgentCheckpoint {
    return takeCheckpoint(this.#agent);
  }

  #handle(input: AgentInput): void {
    const agent = this.#agent;
    switch (input.type) {
      case 'start':
        return recoverAgent(agent, this.#recovered, input.containers);
      case 'master-connected':
        return masterConnected(agent);
      case 'master-disconnected':
        return masterDisconnected(agent);
      case 'master-message':
        return fromMaster(agent, input.message);
      case 'executor-says': {
        const { frameworkId, executorId, data } = input;
        return agent.toMaster({ type: 'executor-message', frameworkId, executorId, data });
      }
      case 'leave':
        if (agent.registered) agent.toMaster({ type: 'unregister' });
        return exitAgent(agent, 'Received SIGUSR1 signal; unregistering and shutting down');
      case 'tick':
        return;
      default: {
        const run = agent.runs.get(input.containerId);
        if (run !== undefined && run.phase !== 'ended') this.#hear(run, input);
      }
    }
  }

  /** What the driver tells of a container that has not ended. */
  #hear(run: Run, fact: Extract<AgentInput, { containerId: string }>): void {
    const agent = this.#agent;
    switch (fact.type) {
      case 'executor-started':
        return executorStarted(agent, run, fact);
      case 'container-launched':
        return containerLaunched(agent, run, fact);
      case 'container-failed':
        return containerFailed(agent, run, fact);
      case 'container-exited':
        return containerExited(agent, run, fact);
      case 'container-limited':
        return containerLimited(agent, run, fact);
      case 'executor-terminated':
        return executorTerminated(agent, run);
      case 'probe-result':
        return probeAnswered(agent, run, fact);
    }
  }

  #wake(deadline: AgentDeadline): void {
    const agent = this.#agent;
    switch (deadline.kind) {
      case 'register':
        return register(agent);
      case 'ping-timeout':
        return pingTimeout(agent);
      case 'retry':
        return retryFront(agent, deadline.stream);
      case 'retry-operation':
        return tellOperation(agent, deadline.operationId);
      case 'kill': {
        const { containerId } = deadline.run;
        return agent.emit({ type: 'signal-container', containerId, signal: 'SIGKILL' });
      }
      case 'overtime':
        return runOvertime(agent, deadline.run);
      case 'probe':
        return probeRun(agent, deadline);
      case 'executor-exit':
        return exitExecutor(agent, deadline.executor);
    }
  }
}
