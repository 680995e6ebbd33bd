import type { AdjustableClock } from '../faults/adjustable-clock.ts';
import type { ClusterControl, OperatorAnswer } from '../faults/cluster-control.ts';
import type { GivenFaultRule } from '../faults/fault.ts';
import type { ActiveRule, FaultRules } from '../faults/fault-rules.ts';
import {
  agentOrder,
  maintenanceOrder,
  type DrainOptions,
  type MaintenanceWindow,
} from '../faults/operator-orders.ts';
import { InvalidFault, parseFaultRule } from '../faults/parse-fault-rule.ts';
import type { Marathon } from '../marathon/marathon.ts';
import { outages, type MarathonOutage } from '../marathon/outage.ts';
import type { AgentHost } from './agent-host.ts';
import type { Cluster } from './cluster.ts';
import type { MasterHost } from './master-host.ts';

/** There is no such agent or master, or nobody leads. */
export class ControlError extends Error {
  override readonly name = 'ControlError';
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
  /** Absent without one. */
  readonly marathon?: { readonly url: string; readonly outage?: MarathonOutage };
  readonly faults: readonly ActiveRule[];
  /** Epoch milliseconds of the simulated clock. */
  readonly now: number;
}

interface ControlParts {
  readonly cluster: Cluster;
  readonly rules: FaultRules;
  readonly clock: AdjustableClock;
  /** Undefined: there is none, or not yet. */
  readonly marathon: () => Marathon | undefined;
}

/**
 * Makes things go wrong, in code; the control endpoint does the same over HTTP. Agents and masters are counted from 1.
 *
 *     await simulator.control.killAgent(2);
 *     simulator.control.addFault({ on: 'calls', type: 'ACCEPT', fault: { kind: 'swallow' }, times: 1 });
 *     await simulator.control.advanceClock(75_000);
 */
export class SimulatorControl implements ClusterControl {
  readonly #cluster: Cluster;
  readonly #rules: FaultRules;
  readonly #clock: AdjustableClock;
  readonly #marathon: ControlParts['marathon'];

  constructor({ cluster, rules, clock, marathon }: ControlParts) {
    this.#cluster = cluster;
    this.#rules = rules;
    this.#clock = clock;
    this.#marathon = marathon;
  }

  killAgent(number: number): Promise<void> {
    return this.#agent(number).kill();
  }

  startAgent(number: number): Promise<void> {
    return this.#agent(number).start();
  }

  async restartAgent(number: number): Promise<void> {
    await this.killAgent(number);
    await this.startAgent(number);
  }

  leaveAgent(number: number): void {
    this.#agent(number).leave();
  }

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

  drainAgent(number: number, options?: DrainOptions): Promise<OperatorAnswer> {
    return this.#ofAgent(number, 'DRAIN_AGENT', options);
  }

  markAgentGone(number: number): Promise<OperatorAnswer> {
    return this.#ofAgent(number, 'MARK_AGENT_GONE');
  }

  scheduleMaintenance(number: number, window: MaintenanceWindow = {}): Promise<OperatorAnswer> {
    const machine = this.#agent(number).info;
    return this.operator(maintenanceOrder({ machine, window, now: this.#clock.now() }));
  }

  cancelMaintenance(): Promise<OperatorAnswer> {
    return this.operator(maintenanceOrder());
  }

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

  addFault(rule: GivenFaultRule): number {
    const read = parseFaultRule(rule);
    if (read.agent !== undefined) this.#agent(read.agent);
    return this.#rules.add(read);
  }

  removeFault(id: number): boolean {
    return this.#rules.remove(id);
  }

  clearFaults(): void {
    this.#rules.clear();
  }

  /** What is wrong with Marathon's API from now on; undefined: nothing. Throws an {@link InvalidFault} for what is none. */
  async setMarathonOutage(outage: MarathonOutage | undefined): Promise<void> {
    const marathon = this.#marathon();
    if (!marathon) throw new ControlError('There is no Marathon: open the simulator with one.');
    if (outage !== undefined && !outages.includes(outage))
      throw new InvalidFault(`"outage" has to be one of ${outages.join(', ')}.`);
    await marathon.setOutage(outage);
  }

  jumpClock(byMs: number): void {
    this.#clock.jump(byMs);
  }

  /** Lets so much time pass for masters and agents, at once. Processes and clients don't notice. */
  advanceClock(byMs: number): Promise<void> {
    return this.#clock.advance(byMs);
  }

  rescindOffers(frameworkId?: string): void {
    this.#leader().rescindOffers(frameworkId);
  }

  async operator(call: unknown): Promise<OperatorAnswer> {
    const { status, body } = await this.#leader().operatorCall(call);
    return { status, text: body.toString() };
  }

  status(): SimulatorStatus {
    const { masters, agents, leader } = this.#cluster;
    const marathon = this.#marathon();
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
      ...(marathon
        ? { marathon: { url: marathon.url, ...(marathon.outage ? { outage: marathon.outage } : {}) } }
        : {}),
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

  #ofAgent(
    number: number,
    type: Parameters<typeof agentOrder>[0],
    options?: DrainOptions,
  ): Promise<OperatorAnswer> {
    return this.operator(agentOrder(type, this.#agent(number).agentId, options));
  }
}
