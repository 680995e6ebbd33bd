import type { AdjustableClock } from '../faults/adjustable-clock.ts';
import type { GivenFaultRule } from '../faults/fault.ts';
import type { ActiveRule, FaultRules } from '../faults/fault-rules.ts';
import { parseFaultRule } from '../faults/parse-fault-rule.ts';
import type { AgentHost } from './agent-host.ts';
import type { Cluster } from './cluster.ts';
import type { MasterHost } from './master-host.ts';

/** There is no such agent or master, or nobody leads. */
export class ControlError extends Error {
  override readonly name = 'ControlError';
}

/** The operator API's answer, as it came. */
export interface OperatorAnswer {
  readonly status: number;
  readonly text: string;
}

export interface SimulatorStatus {
  readonly leader?: number;
  readonly masters: readonly {
    readonly number: number;
    readonly url: string;
    readonly running: boolean;
    readonly leading: boolean;
  }[];
  readonly agents: readonly {
    readonly number: number;
    readonly url: string;
    readonly agentId: string;
    readonly running: boolean;
    readonly partitioned: boolean;
  }[];
  readonly faults: readonly ActiveRule[];
  /** Epoch milliseconds of the simulated clock. */
  readonly now: number;
}

export interface MaintenanceWindow {
  /** From now; default 0. */
  readonly startInMs?: number;
  /** Default: without end. */
  readonly durationMs?: number;
}

interface ControlParts {
  readonly cluster: Cluster;
  readonly rules: FaultRules;
  readonly clock: AdjustableClock;
}

/**
 * Makes things go wrong, in code; the control endpoint does the same over HTTP. Agents and masters are counted from 1.
 *
 *     await simulator.control.killAgent(2);
 *     simulator.control.addFault({ on: 'calls', type: 'ACCEPT', fault: { kind: 'swallow' }, times: 1 });
 *     await simulator.control.advanceClock(75_000);
 */
export class SimulatorControl {
  readonly #cluster: Cluster;
  readonly #rules: FaultRules;
  readonly #clock: AdjustableClock;

  constructor({ cluster, rules, clock }: ControlParts) {
    this.#cluster = cluster;
    this.#rules = rules;
    this.#clock = clock;
  }

  /** As SIGKILL of the agent's process: tasks of checkpointing frameworks go on. */
  killAgent(number: number): Promise<void> {
    return this.#agent(number).kill();
  }

  /** Starts it again with the same agent id; it recovers what still runs. Does nothing when it runs. */
  startAgent(number: number): Promise<void> {
    return this.#agent(number).start();
  }

  async restartAgent(number: number): Promise<void> {
    await this.killAgent(number);
    await this.startAgent(number);
  }

  /** As SIGUSR1: it unregisters, kills its tasks and ends. */
  leaveAgent(number: number): void {
    this.#agent(number).leave();
  }

  /** Cuts it off from the master; neither notices. */
  partitionAgent(number: number): void {
    this.#agent(number).partition();
  }

  healAgent(number: number): void {
    this.#agent(number).heal();
  }

  deactivateAgent(number: number): Promise<OperatorAnswer> {
    return this.#ofAgent(number, 'DEACTIVATE_AGENT');
  }

  reactivateAgent(number: number): Promise<OperatorAnswer> {
    return this.#ofAgent(number, 'REACTIVATE_AGENT');
  }

  /** `maxGraceMs`: from SIGTERM to SIGKILL at most. */
  drainAgent(
    number: number,
    options: { readonly maxGraceMs?: number; readonly markGone?: boolean } = {},
  ): Promise<OperatorAnswer> {
    const { maxGraceMs, markGone } = options;
    return this.#ofAgent(number, 'DRAIN_AGENT', {
      ...(maxGraceMs === undefined ? {} : { max_grace_period: { nanoseconds: maxGraceMs * 1e6 } }),
      ...(markGone === undefined ? {} : { mark_gone: markGone }),
    });
  }

  markAgentGone(number: number): Promise<OperatorAnswer> {
    return this.#ofAgent(number, 'MARK_AGENT_GONE');
  }

  /** Replaces the schedule by a window for this agent's machine. */
  scheduleMaintenance(number: number, window: MaintenanceWindow = {}): Promise<OperatorAnswer> {
    const { hostname, ip } = this.#agent(number).info;
    const { startInMs = 0, durationMs } = window;
    return this.operator({
      type: 'UPDATE_MAINTENANCE_SCHEDULE',
      update_maintenance_schedule: {
        schedule: {
          windows: [
            {
              machine_ids: [{ hostname, ip }],
              unavailability: {
                start: { nanoseconds: (this.#clock.now() + startInMs) * 1e6 },
                ...(durationMs === undefined ? {} : { duration: { nanoseconds: durationMs * 1e6 } }),
              },
            },
          ],
        },
      },
    });
  }

  /** Clears the whole schedule. */
  cancelMaintenance(): Promise<OperatorAnswer> {
    return this.operator({
      type: 'UPDATE_MAINTENANCE_SCHEDULE',
      update_maintenance_schedule: { schedule: { windows: [] } },
    });
  }

  /** As SIGKILL: all its connections end. */
  killMaster(number: number): Promise<void> {
    return this.#cluster.killMaster(this.#master(number));
  }

  startMaster(number: number): Promise<void> {
    return this.#cluster.startMaster(this.#master(number));
  }

  async restartMaster(number: number): Promise<void> {
    await this.killMaster(number);
    await this.startMaster(number);
  }

  /** Resolves with its number. */
  async killLeader(): Promise<number> {
    const leader = this.#leader();
    await this.#cluster.killMaster(leader);
    return leader.number;
  }

  /** Makes a master the leader at once; the former one ends its process. */
  electMaster(number: number): void {
    const master = this.#master(number);
    if (!master.isRunning) throw new ControlError(`Master ${number} does not run: start it first.`);
    this.#cluster.elect(master);
  }

  /**
   * From now on; the first rule that matches a message strikes. Returns its number. Throws an `InvalidFault` when it
   * could never strike or has a field that isn't known, and a `ControlError` when there is no such agent.
   */
  addFault(rule: GivenFaultRule): number {
    const read = parseFaultRule(rule);
    if (read.agent !== undefined) this.#agent(read.agent);
    return this.#rules.add(read);
  }

  /** False: there is none with that number. What it has already done stays done. */
  removeFault(id: number): boolean {
    return this.#rules.remove(id);
  }

  clearFaults(): void {
    this.#rules.clear();
  }

  /** Sets the time of day; nothing that waits notices. */
  jumpClock(byMs: number): void {
    this.#clock.jump(byMs);
  }

  /** Lets so much time pass for masters and agents, at once. Processes and clients don't notice. */
  advanceClock(byMs: number): Promise<void> {
    return this.#clock.advance(byMs);
  }

  /** Takes back all offers of one framework, or of all. */
  rescindOffers(frameworkId?: string): void {
    this.#leader().rescindOffers(frameworkId);
  }

  /** Any call of the leading master's operator API. */
  async operator(call: unknown): Promise<OperatorAnswer> {
    const { status, body } = await this.#leader().operatorCall(call);
    return { status, text: body.toString() };
  }

  status(): SimulatorStatus {
    const { masters, agents, leader } = this.#cluster;
    return {
      ...(leader ? { leader: leader.number } : {}),
      masters: masters.map((master) => ({
        number: master.number,
        url: master.url,
        running: master.isRunning,
        leading: master === leader,
      })),
      agents: agents.map((agent) => ({
        number: agent.number,
        url: agent.url,
        agentId: agent.agentId,
        running: agent.isRunning,
        partitioned: agent.isPartitioned,
      })),
      faults: this.#rules.list(),
      now: this.#clock.now(),
    };
  }

  #agent(number: number): AgentHost {
    const agent = this.#cluster.agents[number - 1];
    if (!agent) throw new ControlError(`There is no agent ${number}, only ${this.#cluster.agents.length}.`);
    return agent;
  }

  #master(number: number): MasterHost {
    const master = this.#cluster.masters[number - 1];
    if (!master)
      throw new ControlError(`There is no master ${number}, only ${this.#cluster.masters.length}.`);
    return master;
  }

  #leader(): MasterHost {
    const { leader } = this.#cluster;
    if (!leader) throw new ControlError('No master leads now.');
    return leader;
  }

  #ofAgent(number: number, type: string, options: Record<string, unknown> = {}): Promise<OperatorAnswer> {
    const { agentId } = this.#agent(number);
    return this.operator({ type, [type.toLowerCase()]: { agent_id: { value: agentId }, ...options } });
  }
}
