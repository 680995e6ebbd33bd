import type { CoreOptions, TaskUpdate } from '@vibrissa/mesos';
import type { WireFrameworkInfo } from '@vibrissa/mesos/wire';
import { randomFaults, type FaultRates } from '../../src/virtual/random-faults.ts';
import { labelledBehaviour } from '../../src/virtual/task-script.ts';
import { VirtualCluster } from '../../src/virtual/virtual-cluster.ts';
import type { VirtualMessage } from '../../src/virtual/virtual-message.ts';
import { Dice } from './dice.ts';
import { Ledger } from './ledger.ts';
import { Outages } from './outages.ts';
import { Owner } from './owner.ts';
import { capabilities } from './raw-framework.ts';
import type { Trace } from './trace.ts';
import { VirtualClient } from './virtual-client.ts';
import { VirtualStore } from './virtual-store.ts';

export const frameworkInfo: WireFrameworkInfo = {
  user: 'root',
  name: 'simulated',
  roles: ['web'],
  checkpoint: true,
  failover_timeout: 7 * 86_400,
  capabilities,
};

const youngMasterMs = 600_000;

/** How long the masters keep an offer that nobody answers, so that a DECLINE that was lost costs no more. */
const offerTimeoutMs = 300_000;

/** A cluster, a client with its owner and its disk, and what can go wrong between them; all of it from one seed. */
export class World {
  readonly dice: Dice;
  readonly agents: number;
  readonly masters: number;
  readonly holdMs: number;
  readonly cluster: VirtualCluster;
  readonly ledger: Ledger;
  readonly outages: Outages;
  readonly owner: Owner;
  readonly store: VirtualStore;
  readonly trace: Trace | undefined;
  readonly rates: FaultRates;
  client: VirtualClient | undefined;
  /** As it was last told. */
  frameworkId: string | undefined;
  /** When an agent last had something to tell. */
  lastUpdateMs = 0;
  readonly #options: CoreOptions;
  #stepped = 0;

  constructor(seed: number, trace?: Trace) {
    const dice = (this.dice = new Dice(seed));
    this.trace = trace;
    this.agents = dice.whole(2, 12);
    this.masters = dice.chance(0.4) ? 3 : 1;
    this.holdMs = dice.chance(0.4) ? 30_000 : 0;
    this.rates = someRates(dice);
    this.cluster = new VirtualCluster({
      random: new Dice(seed + 1),
      agents: this.agents,
      masters: this.masters,
      registry: dice.chance(0.5) ? 'replicated_log' : 'in_memory',
      master: { offerTimeoutMs },
      behaviour: (launch, random) => {
        this.say(`launch ${launch.task.task_id.value} as ${launch.containerId.slice(0, 6)}`);
        this.ledger.launched(launch);
        return labelledBehaviour(launch, random);
      },
    });
    const { clock } = this.cluster;
    const store = (this.store = new VirtualStore(clock, new Dice(seed + 2)));
    const isStored = (id: string): boolean =>
      store.load().tasks.some(({ mesosTaskId }) => mesosTaskId === id);
    this.ledger = new Ledger({ cluster: this.cluster, agents: this.agents, youngMasterMs, isStored });
    this.outages = new Outages(this.cluster);
    this.#options = coreOptions(dice, this.holdMs);
    this.owner = new Owner({
      dice: new Dice(seed + 3),
      input: (input) => this.client?.input(input),
      after: (delayMs, run) => void clock.after(delayMs, run),
    });
    this.#installFaults(new Dice(seed + 4));
  }

  get nowMs(): number {
    return this.cluster.nowMs;
  }

  say(text: string): void {
    this.trace?.say(this.nowMs, text);
  }

  startClient(): void {
    if (this.client) return;
    const client = new VirtualClient({
      cluster: this.cluster,
      dice: this.dice,
      store: this.store,
      options: this.#options,
      onTask: (told: TaskUpdate, done) => {
        this.owner.handle(told, done);
      },
      watch: {
        input: (input, nowMs) => {
          this.trace?.input(nowMs, input);
          this.ledger.input(input, nowMs);
          this.ledger.violations.push(...this.outages.input(input));
        },
        effect: (effect, nowMs) => {
          this.trace?.effect(nowMs, effect);
          this.ledger.effect(effect, nowMs);
          this.ledger.violations.push(...this.outages.effect(effect));
          if (effect.type === 'notice') this.#noticed(effect.notice, client);
          else if (client === this.client) this.owner.told(effect);
        },
      },
    });
    this.client = client;
    this.ledger.newLife();
    const stored = this.store.load();
    client.start(stored);
    this.owner.resume(stored);
  }

  crashClient(): void {
    if (!this.client) return;
    this.owner.pause();
    this.client.crash();
    this.client = undefined;
    this.store.crash();
    this.ledger.crashed();
  }

  /** In good order; what is left then is a violation. */
  closeClient(): void {
    if (!this.client) return;
    this.owner.pause();
    for (const left of this.client.close()) this.ledger.violations.push(`${left} is left after close`);
    this.client = undefined;
    this.ledger.closed();
    this.ledger.crashed();
  }

  /** Another one leads, for a while. */
  stepDown(): void {
    this.client?.input({ type: 'leadership', leading: false });
  }

  #noticed(notice: { readonly kind: string; readonly frameworkId?: string }, client: VirtualClient): void {
    if (notice.kind === 'subscribed') this.frameworkId = notice.frameworkId;
    if (notice.kind !== 'stepped-down') return;
    this.owner.pause();
    const stepped = ++this.#stepped;
    const leadsAgain = (): void => {
      if (this.client !== client || stepped !== this.#stepped) return;
      // The state is read when all writes have ended.
      if (!this.store.isIdle) return void this.cluster.clock.after(10, leadsAgain);
      this.ledger.closed();
      this.ledger.newLife();
      const stored = this.store.load();
      client.input({ type: 'leadership', leading: true });
      client.start(stored);
      this.owner.resume(stored);
    };
    this.cluster.clock.after(this.dice.between(100, 60_000), leadsAgain);
  }

  #installFaults(dice: Dice): void {
    const random = randomFaults(dice, this.rates);
    this.cluster.strike = (message) => {
      this.#watch(message);
      const fault = this.owner.isCalm ? undefined : random(message);
      if (fault && message.on === 'calls') this.say(`  ${message.type} on its way: ${JSON.stringify(fault)}`);
      return fault;
    };
  }

  #watch(message: VirtualMessage): void {
    if (message.on === 'to-agent') this.trace?.toAgent(this.nowMs, message.agent, message.message);
    if (message.on !== 'from-agent') return;
    this.trace?.fromAgent(this.nowMs, message.agent, message.message);
    if (message.type === 'status-update' && message.frameworkId === this.frameworkId)
      this.lastUpdateMs = this.nowMs;
  }
}

/** Some worlds have many faults of a kind, some few. */
function someRates(dice: Dice): FaultRates {
  const rate = (): number => (dice.chance(0.5) ? 0 : dice.between(0, 0.05));
  const ofAgents = { drop: rate(), duplicate: rate(), delay: rate() };
  const broken = rate() / 2;
  return {
    calls: { drop: broken, 'lose-answer': broken, swallow: rate(), duplicate: rate(), delay: rate() },
    events: { duplicate: rate(), delay: rate() },
    'to-agent': ofAgents,
    'from-agent': ofAgents,
    longestDelayMs: dice.pick([100, 2000, 20_000]) ?? 100,
  };
}

export function coreOptions(dice: Dice, holdMs: number): CoreOptions {
  return {
    framework: frameworkInfo,
    session: {
      detectTimeoutMs: 16_000,
      subscribeTimeoutMs: 20_000,
      firstConnectDelayMs: 0,
      backoffMinMs: 500,
      backoffMaxMs: 15_000,
      missedHeartbeats: 3,
      heartbeatSlackMs: 5000,
      maxRedirects: 5,
      canRefreshCredentials: false,
    },
    heldOffers: { holdMs, maxOffers: holdMs === 0 ? 0 : 5 },
    offersInAdvance: holdMs === 0 ? 0 : dice.whole(0, 2),
    unknownTasks: dice.chance(0.5) ? 'adopt' : 'kill',
    onReturn: dice.chance(0.5) ? 'adopt' : 'kill',
    inverseOffers: dice.chance(0.5) ? 'accept' : 'decline',
    limits: { youngMasterMs },
  };
}
