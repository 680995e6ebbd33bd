import { seededRandom } from '@vibrissa/testkit';
import type {
  CoreEffect,
  CoreInput,
  Notice,
  Reconciled,
  RequestFailure,
  TaskUpdate,
} from '../../src/scheduler/core-messages.ts';
import type { CoreOptions } from '../../src/scheduler/core/core-options.ts';
import { SchedulerCore } from '../../src/scheduler/scheduler-core.ts';
import type { StoredState } from '../../src/state/framework-state.ts';
import type { DeleteOutcome, LaunchFailure } from '../../src/tasks/task-outcome.ts';
import type { TaskRecord } from '../../src/tasks/task-record.ts';
import type { TaskSpec } from '../../src/tasks/task-spec.ts';
import type { CallAnswer, StreamEnd } from '../../src/transport/transport.ts';
import type {
  MesosEvent,
  SessionCall,
  SubscribeCall,
  TaskState,
  WireAttribute,
  WireOffer,
  WireTaskInfo,
  WireTaskStatus,
  WireUnavailability,
} from '../../src/wire/index.ts';

export interface SentCall {
  readonly connection: number;
  readonly callId: number;
  readonly frameworkId: string;
  readonly call: SessionCall;
}

export type Promised =
  | { readonly kind: 'running'; readonly record: TaskRecord }
  | { readonly kind: 'failed'; readonly failure: LaunchFailure }
  | { readonly kind: 'ended'; readonly record: TaskRecord; readonly status: WireTaskStatus };

interface OfferedAgent {
  readonly agent?: string;
  readonly cpus?: number;
  readonly mem?: number;
  readonly ports?: readonly [number, number];
  readonly role?: string;
  readonly attributes?: readonly WireAttribute[];
  readonly unavailability?: WireUnavailability;
}

const session = {
  detectTimeoutMs: 10_000,
  subscribeTimeoutMs: 10_000,
  firstConnectDelayMs: 0,
  backoffMinMs: 100,
  backoffMaxMs: 15_000,
  missedHeartbeats: 3,
  heartbeatSlackMs: 5000,
  maxRedirects: 5,
  canRefreshCredentials: false,
};

/**
 * Plays the driver of a core, and as much of a master as a story tells it: masters are found, SUBSCRIBE is confirmed,
 * writes succeed, updates are handled and calls answered 202 at once, unless the story says otherwise.
 */
export class CoreStory {
  readonly core: SchedulerCore;
  /** What the state port would hold. */
  readonly stored = new Map<string, TaskRecord>();
  storedFrameworkId: string | undefined;
  readonly effects: CoreEffect[] = [];
  readonly subscribes: SubscribeCall[] = [];
  readonly sent: SentCall[] = [];
  readonly told: TaskUpdate[] = [];
  readonly promised = new Map<string, Promised[]>();
  readonly deleted = new Map<number, (DeleteOutcome | RequestFailure)[]>();
  readonly reconciled = new Map<number, (Reconciled | RequestFailure)[]>();
  readonly called = new Map<number, (CallAnswer | RequestFailure)[]>();
  readonly tornDown = new Map<number, (RequestFailure | 'done')[]>();
  readonly notices: Notice[] = [];
  nowMs = 1000;
  connection = 0;
  masterId = 'master-1';
  version = '1.12.0';
  frameworkId = 'framework-1';
  /** Writes and updates wait for {@link release} while this is set. */
  holdsWrites = false;
  holdsUpdates = false;
  /** The answer to a SUBSCRIBE; undefined: none. */
  onSubscribe: ((call: SubscribeCall) => void) | undefined = () => this.confirm();
  /** The answer to a call; undefined: none. */
  onCall: (call: SessionCall) => Pick<CallAnswer, 'status' | 'text'> | undefined = () => ({
    status: 202,
    text: '',
  });
  onTask: (told: TaskUpdate) => Error | undefined = () => undefined;
  readonly #held: CoreInput[] = [];
  readonly #inputs: CoreInput[] = [];
  #isRunning = false;
  #requests = 0;
  #offers = 0;
  #uuids = 0;

  constructor(options: Partial<CoreOptions> = {}) {
    const framework = {
      user: 'root',
      name: 'story',
      roles: ['web'],
      failover_timeout: 3600,
      checkpoint: true,
    };
    this.core = new SchedulerCore({ framework, session, ...options }, { random: { next: seededRandom(1) } });
  }

  /** A core that is subscribed. */
  static subscribed(options: Partial<CoreOptions> = {}, stored: StoredState = { tasks: [] }): CoreStory {
    const story = new CoreStory(options);
    story.start(stored);
    return story;
  }

  get moment(): { nowMs: number; epochMs: number } {
    return { nowMs: this.nowMs, epochMs: 1_700_000_000_000 + this.nowMs };
  }

  get calls(): readonly SessionCall[] {
    return this.sent.map(({ call }) => call);
  }

  start(stored: StoredState): void {
    for (const record of stored.tasks) this.stored.set(record.id, record);
    this.storedFrameworkId = stored.frameworkId;
    this.input({ type: 'start', stored });
  }

  input(...inputs: CoreInput[]): void {
    this.#inputs.push(...inputs);
    if (this.#isRunning) return;
    this.#isRunning = true;
    // The array grows while it is walked.
    for (const next of this.#inputs) {
      for (const effect of this.core.step(this.moment, next)) this.#execute(effect);
    }
    this.#inputs.length = 0;
    this.#isRunning = false;
  }

  event(event: MesosEvent): void {
    this.input({ type: 'event', connection: this.connection, event });
  }

  /** The master confirms the subscription. */
  confirm(): void {
    const { connection } = this;
    this.input({ type: 'opened', connection, streamId: `stream-${connection}` });
    this.event({
      type: 'SUBSCRIBED',
      subscribed: {
        framework_id: { value: this.subscribes.at(-1)?.framework_id?.value ?? this.frameworkId },
        heartbeat_interval_seconds: 15,
        master_info: { id: this.masterId, version: this.version },
      },
    });
  }

  end(end: StreamEnd = { kind: 'ended' }): void {
    this.input({ type: 'ended', connection: this.connection, end });
  }

  /** Time passes; the master's heartbeats come, unless it is silent. */
  advance(ms: number, options: { silent?: boolean } = {}): void {
    const until = this.nowMs + ms;
    let nextAliveMs = this.nowMs + 5000;
    for (;;) {
      const dueMs = Math.max(this.nowMs, this.core.nextDeadlineMs ?? Infinity);
      const nextMs = Math.min(dueMs, options.silent ? Infinity : nextAliveMs);
      if (nextMs > until) break;
      const isTick = nextMs === dueMs;
      this.nowMs = nextMs;
      if (isTick) this.input({ type: 'tick' });
      else {
        nextAliveMs += 5000;
        this.input({ type: 'alive', connection: this.connection });
      }
    }
    this.nowMs = until;
    this.input({ type: 'tick' });
  }

  submit(id: string, spec: Partial<TaskSpec> = {}): void {
    this.input({ type: 'submit', task: { cpus: 1, memoryMb: 128, command: 'sleep 60', ...spec, id } });
  }

  /** A group `pod` of two tasks, `left` and `right`. */
  submitPod(): void {
    const task = { cpus: 1, memoryMb: 64, command: 'sleep 60' };
    const tasks = ['left', 'right'].map((id) => ({ ...task, id }));
    this.input({ type: 'submit-group', group: { id: 'pod', tasks } });
  }

  delete(taskId: string): number {
    this.#requests += 1;
    this.input({ type: 'delete', request: this.#requests, taskId });
    return this.#requests;
  }

  reconcile(): number {
    this.#requests += 1;
    this.input({ type: 'reconcile', request: this.#requests });
    return this.#requests;
  }

  call(call: SessionCall): number {
    this.#requests += 1;
    this.input({ type: 'call', request: this.#requests, call });
    return this.#requests;
  }

  teardown(): number {
    this.#requests += 1;
    this.input({ type: 'teardown', request: this.#requests });
    return this.#requests;
  }

  /** Offers of one event; returns their ids. */
  offer(...agents: OfferedAgent[]): readonly string[] {
    const offers = agents.map((agent) => this.anOffer(agent));
    this.event({ type: 'OFFERS', offers: { offers } });
    return offers.map(({ id }) => id.value);
  }

  anOffer(given: OfferedAgent = {}): WireOffer {
    this.#offers += 1;
    const { agent = 'agent-1', cpus = 8, mem = 16_384, ports = [31_000, 31_999], role = 'web' } = given;
    const allocation_info = { role };
    return {
      id: { value: `offer-${this.#offers}` },
      framework_id: { value: this.frameworkId },
      agent_id: { value: agent },
      hostname: `${agent}.example`,
      url: { scheme: 'http', address: { ip: '10.0.0.1', port: 5051 }, path: '/slave(1)' },
      resources: [
        { name: 'cpus', type: 'SCALAR', scalar: { value: cpus }, allocation_info },
        { name: 'mem', type: 'SCALAR', scalar: { value: mem }, allocation_info },
        { name: 'disk', type: 'SCALAR', scalar: { value: 10_000 }, allocation_info },
        {
          name: 'ports',
          type: 'RANGES',
          ranges: { range: [{ begin: ports[0], end: ports[1] }] },
          allocation_info,
        },
      ],
      allocation_info,
      ...(given.attributes ? { attributes: given.attributes } : {}),
      ...(given.unavailability ? { unavailability: given.unavailability } : {}),
    };
  }

  /** An update of an agent, with a uuid; `over` changes it. Returns the status. */
  update(mesosTaskId: string, state: TaskState, over: Partial<WireTaskStatus> = {}): WireTaskStatus {
    this.#uuids += 1;
    const status: WireTaskStatus = {
      task_id: { value: mesosTaskId },
      state,
      source: 'SOURCE_EXECUTOR',
      agent_id: { value: 'agent-1' },
      executor_id: { value: mesosTaskId },
      uuid: Buffer.from(`uuid-${this.#uuids}`.padEnd(16)).toString('base64'),
      ...over,
    };
    this.event({ type: 'UPDATE', update: { status } });
    return status;
  }

  /** A word of the master, which is not acknowledged. */
  masterSays(mesosTaskId: string, state: TaskState, over: Partial<WireTaskStatus> = {}): void {
    const status: WireTaskStatus = {
      task_id: { value: mesosTaskId },
      state,
      source: 'SOURCE_MASTER',
      reason: 'REASON_RECONCILIATION',
      agent_id: { value: 'agent-1' },
      ...over,
    };
    this.event({ type: 'UPDATE', update: { status } });
  }

  /** Submits, offers, and lets it run. */
  run(id: string, spec: Partial<TaskSpec> = {}): void {
    this.submit(id, spec);
    this.offer({});
    this.update(id, 'TASK_STARTING');
    this.update(id, 'TASK_RUNNING');
  }

  /** What was held back happens now. */
  release(): void {
    this.holdsWrites = this.holdsUpdates = false;
    this.input(...this.#held.splice(0));
  }

  callsOf<T extends SessionCall['type']>(type: T): readonly (SessionCall & { type: T })[] {
    return this.calls.filter((call): call is SessionCall & { type: T } => call.type === type);
  }

  /** Mesos task ids of all ACCEPTs so far. */
  get launched(): readonly string[] {
    return this.launchedTasks.map(({ task_id }) => task_id.value);
  }

  get launchedTasks(): readonly WireTaskInfo[] {
    return this.callsOf('ACCEPT')
      .flatMap(({ accept }) => accept.operations)
      .flatMap((operation) => {
        if (operation.type === 'LAUNCH') return operation.launch.task_infos;
        return operation.type === 'LAUNCH_GROUP' ? operation.launch_group.task_group.tasks : [];
      });
  }

  get acknowledged(): readonly string[] {
    return this.callsOf('ACKNOWLEDGE').map(({ acknowledge }) => acknowledge.uuid);
  }

  get killed(): readonly string[] {
    return this.callsOf('KILL').map(({ kill }) => kill.task_id.value);
  }

  /** The states that the owner was told of a task. */
  toldOf(taskId: string): readonly TaskState[] {
    return this.told.filter((told) => told.taskId === taskId).map(({ status }) => status.state);
  }

  /** What was promised of a task, as kinds: `running`, `ended`, or the failure's kind. */
  outcomesOf(taskId: string): readonly string[] {
    return (this.promised.get(taskId) ?? []).map((one) =>
      one.kind === 'failed' ? one.failure.kind : one.kind,
    );
  }

  #execute(effect: CoreEffect): void {
    this.effects.push(effect);
    switch (effect.type) {
      case 'detect-masters':
        return this.#inputs.push({ type: 'masters', masters: ['http://m1:5050'] }) as unknown as void;
      case 'connect':
        this.connection = effect.connection;
        this.subscribes.push(effect.call);
        return this.onSubscribe?.(effect.call);
      case 'send':
        return this.#send(effect);
      case 'persist':
        return this.#persist(effect);
      case 'task-update': {
        this.told.push(effect.told);
        const error = this.onTask(effect.told);
        return this.#answer(this.holdsUpdates, {
          type: 'handled',
          update: effect.update,
          ...(error ? { error } : {}),
        });
      }
      case 'task-running':
        return this.#promise(effect.record.id, { kind: 'running', record: effect.record });
      case 'task-ended':
        return this.#promise(effect.record.id, {
          kind: 'ended',
          record: effect.record,
          status: effect.status,
        });
      case 'launch-failed':
        return this.#promise(effect.taskId, { kind: 'failed', failure: effect.failure });
      case 'deleted':
        return note(this.deleted, effect.request, effect.outcome);
      case 'reconciled':
        return note(this.reconciled, effect.request, effect.outcome);
      case 'called':
        return note(this.called, effect.request, effect.outcome);
      case 'torn-down':
        return note(this.tornDown, effect.request, effect.failure ?? 'done');
      case 'notice':
        this.notices.push(effect.notice);
        return;
      // A story hangs up, and tells of the agents, itself.
      case 'disconnect':
      case 'ask-agents':
    }
  }

  #send({ connection, callId, frameworkId, call }: CoreEffect & { type: 'send' }): void {
    this.sent.push({ connection, callId, frameworkId, call });
    const answer = this.onCall(call);
    if (answer) this.#inputs.push({ type: 'answered', connection, answer: { callId, ...answer } });
  }

  #persist({ write, change }: CoreEffect & { type: 'persist' }): void {
    if (change.frameworkId !== undefined) this.storedFrameworkId = change.frameworkId ?? undefined;
    for (const record of change.put ?? []) this.stored.set(record.id, record);
    for (const id of change.remove ?? []) this.stored.delete(id);
    this.#answer(this.holdsWrites, { type: 'persisted', write });
  }

  #answer(isHeld: boolean, input: CoreInput): void {
    (isHeld ? this.#held : this.#inputs).push(input);
  }

  #promise(taskId: string, promised: Promised): void {
    note(this.promised, taskId, promised);
  }
}

function note<K, V>(map: Map<K, V[]>, key: K, value: V): void {
  const values = map.get(key);
  if (values) values.push(value);
  else map.set(key, [value]);
}
