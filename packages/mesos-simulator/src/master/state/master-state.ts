import type { MesosEvent, WireMasterInfo } from '@vibrissa/mesos/wire';
import type { MasterToAgent } from '../../agent/link.ts';
import { Deadlines } from '../../base/deadlines.ts';
import type { RandomSource } from '../../base/random.ts';
import type { StepTime } from '../../base/step-time.ts';
import { newUuid } from '../../base/uuid.ts';
import { resolveMasterOptions, type MasterOptions, type ResolvedMasterOptions } from '../master-options.ts';
import type { MasterAddress, MasterEffect, OperatorEvent } from '../messages.ts';
import { Registry } from '../registry.ts';
import { Candidates } from './candidates.ts';
import type { Agent, Framework, InverseOffer, Offer, OfferFilter } from './entities.ts';
import { Shares } from './shares.ts';

/** What a master wants to be woken for. */
export type MasterDeadline =
  | { readonly kind: 'recovered' }
  | { readonly kind: 'allocate' }
  | { readonly kind: 'heartbeat'; readonly framework: Framework }
  | { readonly kind: 'operator-heartbeat'; readonly stream: number }
  | { readonly kind: 'failover'; readonly framework: Framework }
  | { readonly kind: 'offer-timeout'; readonly offer: Offer }
  | {
      readonly kind: 'filter';
      readonly framework: Framework;
      readonly role: string;
      readonly agent: Agent;
      readonly filter: OfferFilter;
    }
  | { readonly kind: 'inverse-filter'; readonly framework: Framework; readonly agent: Agent }
  | { readonly kind: 'ping'; readonly agent: Agent }
  | { readonly kind: 'forget-recovered-agents' };

/** Everything that a master knows and does within a step; the functions beside work on it. */
export class MasterState {
  readonly options: ResolvedMasterOptions;
  readonly random: RandomSource;
  readonly registry: Registry;
  readonly id: string;
  readonly deadlines = new Deadlines<MasterDeadline>();
  readonly frameworks = new Map<string, Framework>();
  /** Removed ones, the oldest first. */
  readonly completedFrameworks = new Map<string, Framework>();
  readonly agents = new Map<string, Agent>();
  readonly agentsByLink = new Map<string, Agent>();
  /** Of the registry: not back since this master leads. */
  readonly recoveredAgents = new Set<string>();
  readonly offers = new Map<string, Offer>();
  readonly inverseOffers = new Map<string, InverseOffer>();
  readonly streams = new Map<number, Framework>();
  readonly operatorStreams = new Set<number>();
  readonly shares = new Shares();
  readonly candidates = new Candidates();
  /** By role: active frameworks that do not suppress it. */
  readonly demand = new Map<string, Set<Framework>>();
  /** By their names in `/metrics/snapshot`. */
  readonly counters = new Map<string, number>();
  leader: MasterAddress | undefined;
  /** `recovering`: it leads, but answers 503 yet. */
  phase: 'following' | 'recovering' | 'leading' = 'following';
  /** Epoch ms of its first step. */
  startMs: number | undefined;
  /** Monotonic: allocations count from then. */
  electedMs: number | undefined;
  electedEpochMs: number | undefined;
  time: StepTime = { nowMs: 0, epochMs: 0 };
  #effects: MasterEffect[] = [];
  #frameworksNamed = 0;
  #offersNamed = 0;
  #timers = 0;

  constructor(options: MasterOptions, deps: { readonly random: RandomSource; readonly registry?: Registry }) {
    this.options = resolveMasterOptions(options);
    this.random = deps.random;
    this.registry = deps.registry ?? new Registry();
    this.id = newUuid(deps.random);
  }

  emit(effect: MasterEffect): void {
    this.#effects.push(effect);
  }

  takeEffects(): MasterEffect[] {
    const effects = this.#effects;
    this.#effects = [];
    return effects;
  }

  /** Events for a framework that is not connected are lost, as Mesos loses them. */
  tell(framework: Framework, event: MesosEvent): void {
    if (framework.stream !== undefined) {
      this.emit({ type: 'event', stream: framework.stream.number, event });
    }
  }

  tellOperators(event: OperatorEvent): void {
    for (const stream of this.operatorStreams) this.emit({ type: 'event', stream, event });
  }

  /** False when it is not connected: the message is lost. */
  toAgent(agent: Agent, message: MasterToAgent): boolean {
    if (agent.link === undefined) return false;
    this.emit({ type: 'to-agent', link: agent.link, message });
    return true;
  }

  count(name: string): void {
    this.counters.set(name, (this.counters.get(name) ?? 0) + 1);
  }

  newFrameworkId(): string {
    return `${this.id}-${String(this.#frameworksNamed++).padStart(4, '0')}`;
  }

  newAgentId(): string {
    return `${this.id}-S${this.registry.nextAgent++}`;
  }

  newOfferId(): string {
    return `${this.id}-O${this.#offersNamed++}`;
  }

  /** A name for a deadline that is never moved. */
  newTimerName(): string {
    return `timer:${this.#timers++}`;
  }

  get epochSeconds(): number {
    return this.time.epochMs / 1000;
  }

  get info(): WireMasterInfo & { readonly ip: number } {
    const { hostname, ip, port } = this.options.address;
    return {
      id: this.id,
      ip: ipNumber(ip),
      port,
      pid: `master@${ip}:${port}`,
      hostname,
      version: this.options.version,
      address: { hostname, ip, port },
      capabilities: [{ type: 'AGENT_UPDATE' }, { type: 'AGENT_DRAINING' }, { type: 'QUOTA_V2' }],
    };
  }
}

/** Mesos shows addresses in network byte order, read as a little-endian number. */
function ipNumber(ip: string): number {
  const bytes = ip.split('.').map(Number);
  return bytes.reduceRight((number, byte) => number * 256 + byte, 0);
}
