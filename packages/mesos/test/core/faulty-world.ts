import { seededRandom } from '@vibrissa/testkit';
import type { CoreOptions } from '../../src/scheduler/core/core-options.ts';
import type { SessionCall, TaskState, WireOffer, WireTaskStatus } from '../../src/wire/index.ts';
import { CoreStory, type SentCall } from './core-story.ts';

interface WorldTask {
  readonly id: string;
  readonly agent: WorldAgent;
  alive: boolean;
  state: TaskState;
  /** What its agent tells, the first one again and again until it is acknowledged. */
  readonly untold: WireTaskStatus[];
}

interface WorldAgent {
  readonly id: string;
  /** Connected with the master. */
  isUp: boolean;
  isUnreachable: boolean;
  readonly tasks: Map<string, WorldTask>;
  filteredUntilMs: number;
}

interface Event {
  readonly atMs: number;
  readonly number: number;
  readonly run: () => void;
}

const AGENT_CPUS = 4;
const alive: readonly TaskState[] = ['TASK_STAGING', 'TASK_STARTING', 'TASK_RUNNING', 'TASK_KILLING'];

/**
 * A master with agents, as far as launching, killing, reconciling and acknowledging go, and everything that can go
 * wrong between it and a core: broken connections, calls that are lost or heard without an answer, ACCEPTs that come to
 * nothing, repeated and late updates, agents that go and return, masters that forget, a client that crashes. All of it
 * in virtual time, and from a seed.
 */
export class FaultyWorld {
  story: CoreStory;
  readonly agents: readonly WorldAgent[];
  /** How likely each fault is; 0 once the faults have stopped. */
  faultiness = 0.03;
  readonly deletions: number[] = [];
  readonly #options: Partial<CoreOptions>;
  readonly #random: () => number;
  #events: Event[] = [];
  #eventCount = 0;
  #nowMs = 1000;
  #isMasterUp = true;
  #masters = 1;
  #subscribed = 0;
  #isSuppressed = false;
  #offerCount = 0;
  #uuids = 0;
  readonly #offers = new Map<string, { agent: WorldAgent; offer: WireOffer }>();
  /** Whom the master knows: those that have come back to it. */
  #known = new Set<WorldAgent>();

  constructor(seed: number, options: Partial<CoreOptions> = {}) {
    this.#random = seededRandom(seed);
    this.#options = options;
    this.agents = Array.from({ length: 4 }, (_, n) => ({
      id: `agent-${n}`,
      isUp: true,
      isUnreachable: false,
      tasks: new Map<string, WorldTask>(),
      filteredUntilMs: 0,
    }));
    this.#known = new Set(this.agents);
    this.story = this.#newStory();
    this.story.start({ tasks: [] });
    this.#every(1000, () => this.#allocate());
    this.#every(10_000, () => this.#repeatUpdates());
    this.#every(5000, () => this.#mishap());
  }

  get tasks(): readonly WorldTask[] {
    return this.agents.flatMap(({ tasks }) => [...tasks.values()]);
  }

  get openOffers(): number {
    return this.#offers.size;
  }

  chance(likelihood: number): boolean {
    return this.#random() < likelihood;
  }

  pick<T>(items: readonly T[]): T | undefined {
    return items[Math.floor(this.#random() * items.length)];
  }

  run(ms: number): void {
    const untilMs = this.#nowMs + ms;
    for (;;) {
      const [event] = this.#events;
      const tickMs = Math.max(this.#nowMs, this.story.core.nextDeadlineMs ?? Infinity);
      const nextMs = Math.min(event?.atMs ?? Infinity, tickMs);
      if (nextMs > untilMs) break;
      this.#nowMs = this.story.nowMs = nextMs;
      if (event && event.atMs <= tickMs) {
        this.#events.shift();
        event.run();
      } else this.story.input({ type: 'tick' });
    }
    this.#nowMs = this.story.nowMs = untilMs;
  }

  /** Faults stop; what is broken mends. */
  heal(): void {
    this.faultiness = 0;
    this.#isMasterUp = true;
    for (const agent of this.agents) this.#agentReturns(agent);
  }

  #fault(factor = 1): boolean {
    return this.chance(this.faultiness * factor);
  }

  #at(inMs: number, run: () => void): void {
    this.#eventCount += 1;
    const event = { atMs: this.#nowMs + inMs, number: this.#eventCount, run };
    const place = this.#events.findIndex(({ atMs }) => atMs > event.atMs);
    if (place < 0) this.#events.push(event);
    else this.#events.splice(place, 0, event);
  }

  #every(periodMs: number, run: () => void): void {
    this.#at(periodMs, () => {
      run();
      this.#every(periodMs, run);
    });
  }

  #newStory(): CoreStory {
    const story = new CoreStory(this.#options);
    story.nowMs = this.#nowMs;
    story.onSubscribe = () => this.#onSubscribe(story);
    story.onCall = () => {
      const sent = story.sent.at(-1);
      if (sent) this.#at(5, () => this.#hear(story, sent));
      return undefined;
    };
    // A handler that fails now and then: its update must come again.
    story.onTask = () => (this.#fault() ? new Error('the owner is busy') : undefined);
    return story;
  }

  #onSubscribe(story: CoreStory): void {
    const { connection } = story;
    this.#at(10, () => {
      if (story !== this.story || connection !== story.connection) return;
      if (!this.#isMasterUp || this.#fault()) {
        story.end({ kind: 'unreachable', error: new Error('connection refused') });
        return;
      }
      this.#subscribed = connection;
      this.#offers.clear();
      this.#isSuppressed = story.subscribes.at(-1)?.subscribe.suppressed_roles?.includes('web') ?? false;
      story.masterId = `master-${this.#masters}`;
      story.confirm();
    });
  }

  #isConnected(story: CoreStory, connection: number): boolean {
    return story === this.story && this.#subscribed === connection && story.connection === connection;
  }

  #breakConnection(): void {
    const { story } = this;
    if (!this.#isConnected(story, this.#subscribed)) return;
    this.#subscribed = 0;
    this.#offers.clear();
    story.end({ kind: 'unreachable', error: new Error('connection reset') });
  }

  #hear(story: CoreStory, { connection, callId, call }: SentCall): void {
    if (!this.#isConnected(story, connection)) return;
    const isLost = this.#fault(0.3);
    if (!isLost) this.#take(call);
    if (isLost || this.#fault(0.3)) return this.#breakConnection();
    story.input({ type: 'answered', connection, answer: { callId, status: 202, text: '' } });
  }

  #take(call: SessionCall): void {
    switch (call.type) {
      case 'ACCEPT':
        // Accepted, and never processed.
        if (!this.#fault()) this.#accept(call);
        return;
      case 'DECLINE':
        for (const { value } of call.decline.offer_ids) {
          const offered = this.#offers.get(value);
          this.#offers.delete(value);
          if (offered) {
            offered.agent.filteredUntilMs = this.#nowMs + (call.decline.filters?.refuse_seconds ?? 5) * 1000;
          }
        }
        return;
      case 'REVIVE':
        this.#isSuppressed = false;
        for (const agent of this.agents) agent.filteredUntilMs = 0;
        return;
      case 'SUPPRESS':
        this.#isSuppressed = true;
        return;
      case 'KILL':
        return this.#kill(call.kill.task_id.value, call.kill.agent_id?.value);
      case 'RECONCILE':
        return this.#reconcile(call.reconcile.tasks);
      case 'ACKNOWLEDGE':
        return this.#acknowledge(call.acknowledge.task_id.value, call.acknowledge.uuid);
      default:
        return;
    }
  }

  #accept({ accept }: SessionCall & { type: 'ACCEPT' }): void {
    const offered = accept.offer_ids.map(({ value }) => this.#offers.get(value));
    for (const { value } of accept.offer_ids) this.#offers.delete(value);
    const agent = offered[0]?.agent;
    for (const operation of accept.operations) {
      if (operation.type !== 'LAUNCH') throw new Error('only LAUNCH is played here');
      for (const { task_id } of operation.launch.task_infos) {
        const id = task_id.value;
        if (!agent?.isUp || offered.includes(undefined)) {
          this.#say(id, 'TASK_DROPPED', { reason: 'REASON_INVALID_OFFERS' });
        } else if (this.#find(id)) {
          this.#say(id, 'TASK_ERROR', { reason: 'REASON_TASK_INVALID', message: 'Task has duplicate ID' });
        } else this.#launch(id, agent);
      }
    }
  }

  #launch(id: string, agent: WorldAgent): void {
    const task: WorldTask = { id, agent, alive: true, state: 'TASK_STAGING', untold: [] };
    agent.tasks.set(id, task);
    this.#at(500, () => this.#progress(task, 'TASK_STARTING'));
    this.#at(this.#fault() ? 700_000 : 1500, () => this.#progress(task, 'TASK_RUNNING'));
    if (this.chance(0.2)) this.#at(this.#random() * 600_000, () => this.#progress(task, 'TASK_FINISHED'));
  }

  #progress(task: WorldTask, state: TaskState): void {
    if (!task.alive) return;
    task.state = state;
    task.alive = alive.includes(state);
    this.#uuids += 1;
    task.untold.push({
      task_id: { value: task.id },
      agent_id: { value: task.agent.id },
      state,
      source: 'SOURCE_EXECUTOR',
      uuid: Buffer.from(`${this.#uuids}`.padEnd(16)).toString('base64'),
    });
    if (task.untold.length === 1) this.#tellFirst(task);
  }

  #tellFirst(task: WorldTask): void {
    const [status] = task.untold;
    if (!status || !task.agent.isUp || !this.#known.has(task.agent)) return;
    const times = this.#fault() ? 2 : 1;
    for (let n = 0; n < times; n++) this.#send(status);
  }

  /** Late, or never: an agent repeats what counts. */
  #send(status: WireTaskStatus): void {
    if (this.#fault()) return;
    const { story } = this;
    const connection = this.#subscribed;
    this.#at(this.#fault() ? 20_000 : 5, () => {
      if (!this.#isConnected(story, connection)) return;
      story.event({ type: 'UPDATE', update: { status } });
    });
  }

  #say(id: string, state: TaskState, over: Partial<WireTaskStatus> = {}): void {
    this.#send({
      task_id: { value: id },
      state,
      source: 'SOURCE_MASTER',
      reason: 'REASON_RECONCILIATION',
      ...over,
    });
  }

  #repeatUpdates(): void {
    for (const task of this.tasks) this.#tellFirst(task);
  }

  #acknowledge(id: string, uuid: string): void {
    const task = this.#find(id);
    if (!task?.agent.isUp || task.untold[0]?.uuid !== uuid) return;
    task.untold.shift();
    if (task.untold.length > 0) this.#tellFirst(task);
    else if (!task.alive) task.agent.tasks.delete(id);
  }

  #kill(id: string, agentId: string | undefined): void {
    const task = this.#find(id);
    if (!task || !this.#known.has(task.agent)) return this.#answer(id, agentId);
    if (task.agent.isUnreachable)
      return this.#say(id, 'TASK_UNREACHABLE', { agent_id: { value: task.agent.id } });
    if (task.agent.isUp) this.#at(200, () => this.#progress(task, 'TASK_KILLED'));
  }

  #reconcile(tasks: (SessionCall & { type: 'RECONCILE' })['reconcile']['tasks']): void {
    for (const { task_id, agent_id } of tasks) this.#answer(task_id.value, agent_id?.value);
    if (tasks.length > 0) return;
    for (const { id, agent, alive: lives, state } of this.tasks) {
      if (lives && this.#known.has(agent) && !agent.isUnreachable) {
        this.#say(id, state, { agent_id: { value: agent.id } });
      }
    }
  }

  #answer(id: string, agentId: string | undefined): void {
    const agent = this.agents.find((each) => each.id === agentId);
    const over = agent ? { agent_id: { value: agent.id } } : {};
    const task = this.#find(id);
    if (agent && this.#known.has(agent) && agent.isUnreachable)
      return this.#say(id, 'TASK_UNREACHABLE', over);
    if (task && this.#known.has(task.agent)) return this.#say(id, task.state, over);
    if (agent && !this.#known.has(agent)) {
      // Another master: silent, or it says that it doesn't know.
      return this.chance(0.5) ? undefined : this.#say(id, 'TASK_UNKNOWN', over);
    }
    this.#say(id, agent ? 'TASK_GONE' : 'TASK_UNKNOWN', over);
  }

  #find(id: string): WorldTask | undefined {
    for (const { tasks } of this.agents) {
      const task = tasks.get(id);
      if (task) return task;
    }
    return undefined;
  }

  #allocate(): void {
    const { story } = this;
    if (this.#isSuppressed || !this.#isConnected(story, this.#subscribed)) return;
    const offers: WireOffer[] = [];
    for (const agent of this.agents) {
      const isFree = ![...this.#offers.values()].some((offered) => offered.agent === agent);
      if (!isFree || !agent.isUp || !this.#known.has(agent) || agent.filteredUntilMs > this.#nowMs) continue;
      const cpus = AGENT_CPUS - [...agent.tasks.values()].filter((task) => task.alive).length;
      if (cpus <= 0) continue;
      this.#offerCount += 1;
      const offer = { ...story.anOffer({ agent: agent.id, cpus }), id: { value: `o-${this.#offerCount}` } };
      this.#offers.set(offer.id.value, { agent, offer });
      offers.push(offer);
    }
    if (offers.length > 0) this.#at(5, () => this.#deliver(story, offers));
  }

  #deliver(story: CoreStory, offers: readonly WireOffer[]): void {
    const still = offers.filter(({ id }) => this.#offers.has(id.value));
    if (still.length === 0 || !this.#isConnected(story, this.#subscribed)) return;
    story.event({ type: 'OFFERS', offers: { offers: still } });
  }

  #rescind(agent: WorldAgent): void {
    for (const [id, offered] of this.#offers) {
      if (offered.agent !== agent) continue;
      this.#offers.delete(id);
      if (this.#isConnected(this.story, this.#subscribed)) {
        this.story.event({ type: 'RESCIND', rescind: { offer_id: { value: id } } });
      }
    }
  }

  #mishap(): void {
    if (this.#fault(3)) this.#breakConnection();
    if (this.#fault()) this.#crash();
    if (this.#fault()) this.#masterFails();
    for (const agent of this.agents) {
      if (this.#fault()) this.#rescind(agent);
      if (agent.isUp && this.#fault()) this.#agentGoes(agent);
    }
    if (this.#fault(3)) {
      // Writes take their time.
      const { story } = this;
      story.holdsWrites = true;
      this.#at(this.#random() * 8000, () => story.release());
    }
  }

  #agentGoes(agent: WorldAgent): void {
    agent.isUp = false;
    this.#rescind(agent);
    this.#at(75_000, () => {
      if (agent.isUp || !this.#known.has(agent)) return;
      agent.isUnreachable = true;
      for (const { id } of agent.tasks.values()) {
        this.#say(id, 'TASK_UNREACHABLE', { reason: 'REASON_AGENT_REMOVED', agent_id: { value: agent.id } });
      }
    });
    this.#at(this.#random() * 240_000, () => this.#agentReturns(agent));
  }

  #agentReturns(agent: WorldAgent): void {
    if (agent.isUp && this.#known.has(agent)) return;
    agent.isUp = true;
    agent.isUnreachable = false;
    this.#known.add(agent);
    for (const task of agent.tasks.values()) {
      if (task.alive)
        this.#say(task.id, task.state, {
          reason: 'REASON_AGENT_REREGISTERED',
          agent_id: { value: agent.id },
        });
      this.#tellFirst(task);
    }
  }

  /** Another master leads, which has heard of nothing; the agents come to it one after the other. */
  #masterFails(): void {
    this.#breakConnection();
    this.#isMasterUp = false;
    this.#masters += 1;
    this.#known = new Set();
    for (const agent of this.agents) {
      agent.isUnreachable = false;
      this.#at(20_000 + this.#random() * 200_000, () => this.#agentReturns(agent));
    }
    this.#at(10_000, () => {
      this.#isMasterUp = true;
    });
  }

  /** The client's process dies; the next one has what was stored. */
  #crash(): void {
    const before = this.story;
    this.#subscribed = 0;
    this.#offers.clear();
    this.story = this.#newStory();
    this.story.start({
      ...(before.storedFrameworkId === undefined ? {} : { frameworkId: before.storedFrameworkId }),
      tasks: [...before.stored.values()],
    });
  }
}
