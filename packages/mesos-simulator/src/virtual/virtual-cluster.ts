import type { WireAttribute, WireDomain, WireResource } from '@vibrissa/mesos/wire';
import type { AgentOptions } from '../agent/agent-state.ts';
import type { AgentInfo } from '../agent/agent-info.ts';
import type { Clock } from '../base/clock.ts';
import type { RandomSource } from '../base/random.ts';
import type { ClusterControl, OperatorAnswer } from '../faults/cluster-control.ts';
import type { Fault, GivenFaultRule } from '../faults/fault.ts';
import { FaultRules, type ActiveRule } from '../faults/fault-rules.ts';
import {
  agentOrder,
  maintenanceOrder,
  type DrainOptions,
  type MaintenanceWindow,
} from '../faults/operator-orders.ts';
import { parseFaultRule } from '../faults/parse-fault-rule.ts';
import type { MasterOptions } from '../master/master-options.ts';
import { Registry } from '../master/registry.ts';
import type { MasterSnapshot } from '../master/snapshot.ts';
import { ClientConnection } from './client-connection.ts';
import { EventQueue } from './event-queue.ts';
import { labelledBehaviour, type TaskBehaviour } from './task-script.ts';
import { VirtualAgent } from './virtual-agent.ts';
import { VirtualMaster } from './virtual-master.ts';
import type { VirtualMessage } from './virtual-message.ts';
import type { VirtualTransport } from './virtual-transport.ts';
import type { World } from './world.ts';

export interface VirtualClusterOptions {
  /** All that is random comes of it: the same seed and the same calls, the same run. */
  readonly random: RandomSource;
  /** How many, or each by itself. */
  readonly agents: number | readonly VirtualAgentOptions[];
  /** Default 1. */
  readonly masters?: number;
  /** What a restarted master remembers of agents; default `in_memory`: nothing. */
  readonly registry?: 'in_memory' | 'replicated_log';
  readonly master?: Omit<MasterOptions, 'address'>;
  /** Further settings of all agents. */
  readonly agent?: Omit<AgentOptions, 'info' | 'checkpoint'>;
  /** Shortest and longest way of a message; default 0.2 to 2. */
  readonly latencyMs?: readonly [number, number];
  /** From the death of a leader until the others notice; default 8,000. */
  readonly electionMs?: number;
  /** What tasks do; default: what their labels say. */
  readonly behaviour?: TaskBehaviour;
  /** Epoch milliseconds at the start; default: 2026-01-01. */
  readonly epochMs?: number;
}

export interface VirtualAgentOptions {
  /** Default: 8 cpus, 16,384 MB, 10,000 MB of disk, ports 31000–32000. */
  readonly resources?: readonly WireResource[];
  readonly attributes?: readonly WireAttribute[];
  readonly domain?: WireDomain;
}

/**
 * Masters, agents and their tasks in one process, in virtual time: nothing happens but by {@link run}. A client is
 * connected by {@link transport} and takes its time from {@link clock}.
 *
 *     const cluster = new VirtualCluster({ random, agents: 3 });
 *     const transport = cluster.transport('scheduler');
 *     transport.subscribe(cluster.masterUrls[0], { type: 'SUBSCRIBE', … }, handlers);
 *     cluster.run(60_000);
 *     cluster.killAgent(2);
 */
export class VirtualCluster implements ClusterControl {
  /** Asked for each message that no rule strikes; may be exchanged at any time. */
  strike: ((message: VirtualMessage) => Fault | undefined) | undefined;
  readonly #rules = new FaultRules();
  readonly #queue = new EventQueue();
  readonly #world: World;
  readonly #masters: readonly VirtualMaster[];
  readonly #agents: readonly VirtualAgent[];
  readonly #clients = new Map<string, Set<ClientConnection>>();
  readonly #electionMs: number;
  /** In the order in which they joined; the first one leads, even when its master is dead and its session not yet. */
  #sessions: Session[] = [];
  #leader: Session | undefined;
  #epochMs: number;

  constructor(options: VirtualClusterOptions) {
    const { random, latencyMs: [shortest, longest] = [0.2, 2] } = options;
    this.#epochMs = options.epochMs ?? Date.UTC(2026, 0, 1);
    this.#electionMs = options.electionMs ?? 8000;
    this.#world = {
      queue: this.#queue,
      random,
      clock: this.clock,
      strike: (message) => this.#rules.strike(message) ?? this.strike?.(message),
      latencyMs: () => shortest + random.next() * (longest - shortest),
      time: () => ({ nowMs: this.#queue.nowMs, epochMs: this.#epochMs + this.#queue.nowMs }),
    };
    this.#masters = this.#makeMasters(options);
    this.#agents = this.#makeAgents(options);
    for (const master of this.#masters) this.#join(master);
    for (const agent of this.#agents) {
      agent.start();
      agent.connect(this.#leader?.master);
    }
  }

  get masterUrls(): readonly string[] {
    return this.#masters.map(({ url }) => url);
  }

  get nowMs(): number {
    return this.#queue.nowMs;
  }

  /** The cluster's time, in the shape of a clock. */
  get clock(): Clock {
    return {
      now: () => this.#world.time().epochMs,
      monotonicMs: () => this.#queue.nowMs,
      after: (delayMs, run) => {
        let isCancelled = false;
        this.#queue.after(delayMs, () => {
          if (!isCancelled) run();
        });
        return { cancel: () => void (isCancelled = true) };
      },
    };
  }

  /** Lets so much time pass. */
  run(durationMs: number): void {
    const untilMs = this.#queue.nowMs + durationMs;
    while (this.#queue.step(untilMs));
  }

  /** Lets time pass until something is so; false when it is not so after `limitMs`. Asked after each event. */
  runUntil(isSo: () => boolean, limitMs: number): boolean {
    const untilMs = this.#queue.nowMs + limitMs;
    while (!isSo()) if (!this.#queue.step(untilMs)) return isSo();
    return true;
  }

  /** As {@link run}, but lets promises settle after each event: for clients that wait for some. */
  async advance(durationMs: number): Promise<void> {
    const untilMs = this.#queue.nowMs + durationMs;
    do await new Promise((resolve) => setImmediate(resolve));
    while (this.#queue.step(untilMs));
  }

  /** The connections of one client, by its name. */
  transport(client: string): VirtualTransport {
    return {
      subscribe: (url, call, handlers) => {
        const master = this.#masters.find((one) => one.url === url) ?? this.#nobody(url);
        const connection = new ClientConnection(this.#world, { client, master, handlers });
        const connections = this.#clients.get(client) ?? new Set();
        this.#clients.set(client, connections.add(connection));
        connection.open(call);
        return connection;
      },
    };
  }

  /** Its process is gone: its connections break, its handlers hear nothing more. */
  crashClient(client: string): void {
    for (const connection of this.#clients.get(client) ?? []) connection.close();
    this.#clients.delete(client);
  }

  /** Its connections freeze without anybody being told. */
  freezeClient(client: string): void {
    for (const connection of this.#clients.get(client) ?? []) connection.halfOpen();
  }

  killMaster(number: number): void {
    const master = this.#master(number);
    const session = this.#sessions.findLast((one) => one.master === master);
    if (!master.isRunning) return;
    master.kill();
    if (session !== undefined) session.isOver = true;
    this.#queue.after(this.#masters.length === 1 ? 0 : this.#electionMs, () => {
      this.#sessions = this.#sessions.filter((one) => one !== session);
      this.#elect();
    });
  }

  startMaster(number: number): void {
    const master = this.#master(number);
    if (!master.isRunning) this.#join(master);
  }

  killAgent(number: number): void {
    this.#agent(number).kill();
  }

  startAgent(number: number): void {
    const agent = this.#agent(number);
    agent.start();
    agent.connect(this.#leader?.master);
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

  deactivateAgent(number: number): OperatorAnswer {
    return this.#ofAgent(number, 'DEACTIVATE_AGENT');
  }

  reactivateAgent(number: number): OperatorAnswer {
    return this.#ofAgent(number, 'REACTIVATE_AGENT');
  }

  drainAgent(number: number, options?: DrainOptions): OperatorAnswer {
    return this.#ofAgent(number, 'DRAIN_AGENT', options);
  }

  markAgentGone(number: number): OperatorAnswer {
    return this.#ofAgent(number, 'MARK_AGENT_GONE');
  }

  scheduleMaintenance(number: number, window: MaintenanceWindow = {}): OperatorAnswer {
    const machine = this.#agent(number).info;
    return this.operator(maintenanceOrder({ machine, window, now: this.#world.time().epochMs }));
  }

  cancelMaintenance(): OperatorAnswer {
    return this.operator(maintenanceOrder());
  }

  addFault(given: GivenFaultRule): number {
    const rule = parseFaultRule(given);
    if (rule.agent !== undefined) this.#agent(rule.agent);
    return this.#rules.add(rule);
  }

  removeFault(id: number): boolean {
    return this.#rules.remove(id);
  }

  clearFaults(): void {
    this.#rules.clear();
  }

  /** Rules in force. */
  get faults(): readonly ActiveRule[] {
    return this.#rules.list();
  }

  agentId(number: number): string | undefined {
    return this.#agent(number).agentId;
  }

  /** Containers that live on an agent's machine. */
  containers(number: number): readonly string[] {
    return this.#agent(number).machine.running();
  }

  jumpClock(byMs: number): void {
    this.#epochMs += byMs;
  }

  rescindOffers(frameworkId?: string): void {
    this.#leader?.master.step({
      type: 'rescind-offers',
      ...(frameworkId === undefined ? {} : { frameworkId }),
    });
  }

  operator(call: unknown): OperatorAnswer {
    let result = { status: 503, text: 'No leader elected' };
    const http = { method: 'POST', contentType: 'application/json', body: { json: call } };
    const nothing = (): void => undefined;
    this.#leader?.master.request('operator-call', http, {
      answered: ({ status, text }) => void (result = { status, text }),
      opened: nothing,
      event: nothing,
      ended: nothing,
      broken: nothing,
    });
    return result;
  }

  /** The leader's view; undefined when nobody leads. */
  snapshot(): MasterSnapshot | undefined {
    return this.#leader?.master.core?.snapshot();
  }

  #ofAgent(number: number, type: Parameters<typeof agentOrder>[0], options?: DrainOptions): OperatorAnswer {
    return this.operator(agentOrder(type, this.agentId(number) ?? '', options));
  }

  #makeMasters(options: VirtualClusterOptions): readonly VirtualMaster[] {
    const { masters = 1, registry: kind = 'in_memory', master: settings = {} } = options;
    const registry = kind === 'replicated_log' ? new Registry() : undefined;
    return Array.from({ length: masters }, (_, index) => {
      const ip = `10.0.0.${index + 1}`;
      const address = { hostname: ip, ip, port: 5050 };
      return new VirtualMaster(this.#world, { address, options: settings, registry });
    });
  }

  #makeAgents(options: VirtualClusterOptions): readonly VirtualAgent[] {
    const { agents, behaviour = labelledBehaviour } = options;
    const each = typeof agents === 'number' ? Array.from({ length: agents }, () => ({})) : agents;
    return each.map((given: VirtualAgentOptions, index) => {
      const info = agentInfo(index + 1, given);
      const agent = { number: index + 1, options: { ...options.agent, info }, behaviour };
      return new VirtualAgent(this.#world, agent);
    });
  }

  #join(master: VirtualMaster): void {
    master.start();
    this.#sessions.push({ master, isOver: false });
    this.#elect();
    // It learns who leads, as far as the others know: not of its own former session.
    if (this.#leader?.master !== master) this.#announce(master);
  }

  #elect(): void {
    const leader = this.#sessions[0];
    if (leader === this.#leader) return;
    this.#leader = leader;
    for (const { master } of this.#sessions) this.#announce(master);
    for (const agent of this.#agents) agent.connect(leader?.master);
  }

  /** A process that was started anew does not lead by the session of the one before it. */
  #announce(master: VirtualMaster): void {
    if (this.#leader?.master === master && this.#leader.isOver) return;
    const leader = this.#leader?.master.address;
    master.step({ type: 'leader', ...(leader === undefined ? {} : { leader }) });
  }

  /** An address at which no master is. */
  #nobody(url: string): VirtualMaster {
    const { hostname, port } = new URL(url);
    const address = { hostname, ip: hostname, port: Number(port) };
    return new VirtualMaster(this.#world, { address, options: {}, registry: undefined });
  }

  #master(number: number): VirtualMaster {
    const master = this.#masters[number - 1];
    if (master === undefined) throw new RangeError(`There is no master ${number}`);
    return master;
  }

  #agent(number: number): VirtualAgent {
    const agent = this.#agents[number - 1];
    if (agent === undefined) throw new RangeError(`There is no agent ${number}`);
    return agent;
  }
}

/** A master's membership in the election, from its start to some time after its death. */
interface Session {
  readonly master: VirtualMaster;
  /** Its process is gone; the others don't know yet. */
  isOver: boolean;
}

const defaultResources: readonly WireResource[] = [
  { name: 'cpus', type: 'SCALAR', scalar: { value: 8 } },
  { name: 'mem', type: 'SCALAR', scalar: { value: 16_384 } },
  { name: 'disk', type: 'SCALAR', scalar: { value: 10_000 } },
  { name: 'ports', type: 'RANGES', ranges: { range: [{ begin: 31_000, end: 32_000 }] } },
];

function agentInfo(number: number, given: VirtualAgentOptions): AgentInfo {
  const ip = `10.${1 + (number >> 16)}.${(number >> 8) & 255}.${number & 255}`;
  return {
    hostname: ip,
    ip,
    port: 5051,
    resources: given.resources ?? defaultResources,
    attributes: given.attributes ?? [],
    ...(given.domain === undefined ? {} : { domain: given.domain }),
    version: '1.12.0',
  };
}
