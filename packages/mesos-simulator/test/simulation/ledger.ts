import type { CoreEffect, CoreInput } from '@vibrissa/mesos';
import type {
  SessionCall,
  WireOffer,
  WireOperation,
  WireTaskInfo,
  WireTaskStatus,
} from '@vibrissa/mesos/wire';
import type { ContainerLaunch } from '../../src/agent/messages.ts';
import type { VirtualCluster } from '../../src/virtual/virtual-cluster.ts';

/** What says of a task that it is dead, or that it can't be told. */
const deathly = new Set([
  'TASK_ERROR',
  'TASK_LOST',
  'TASK_DROPPED',
  'TASK_UNREACHABLE',
  'TASK_GONE',
  'TASK_GONE_BY_OPERATOR',
  'TASK_UNKNOWN',
]);

interface LedgerOptions {
  readonly cluster: VirtualCluster;
  readonly agents: number;
  /** How long a client doesn't believe a new master that doesn't know a task. */
  readonly youngMasterMs: number;
  /** The state holds a record of this task. */
  readonly isStored: (mesosTaskId: string) => boolean;
}

/**
 * Keeps the books of what a client was told and has promised, across its lives, and notes at once what must never be:
 * a launch that was not stored, two launches of one submission side by side, an acknowledgement before its time, a promise kept twice.
 */
export class Ledger {
  readonly violations: string[] = [];
  readonly containers = new Map<string, ContainerLaunch>();
  /** Offers that the client has heard of and not answered, with the time of their coming. */
  readonly offers = new Map<string, number>();
  readonly #options: LedgerOptions;
  readonly #promises = new Map<string, string[]>();
  readonly #requests = new Map<string, number>();
  readonly #toldDead = new Set<string>();
  readonly #launchedAtMs = new Map<string, number>();
  readonly #handled = new Set<string>();
  readonly #underWay = new Map<number, string>();
  readonly #blindDeletes = new Set<string>();
  #life = 0;
  #masterChangedMs = -Infinity;

  constructor(options: LedgerOptions) {
    this.#options = options;
  }

  /** Containers that live, of all agents. */
  get living(): readonly ContainerLaunch[] {
    const { cluster, agents } = this.#options;
    const ids = Array.from({ length: agents }, (_, index) => cluster.containers(index + 1)).flat();
    return ids.flatMap((id) => this.containers.get(id) ?? []);
  }

  /** Another process, or one that leads again. */
  newLife(): void {
    this.#life += 1;
  }

  /** What the former process was handling, it never ends. */
  crashed(): void {
    this.offers.clear();
    this.#underWay.clear();
  }

  masterChanged(): void {
    this.#masterChangedMs = this.#options.cluster.nowMs;
  }

  /** A container is about to start. */
  launched(launch: ContainerLaunch): void {
    const id = launch.task.task_id.value;
    for (const other of this.living) {
      const otherId = other.task.task_id.value;
      if (other.frameworkId !== launch.frameworkId || submissionOf(otherId) !== submissionOf(id)) continue;
      // Either is dead as far as the client was told: its end may come late, and so may its start.
      if (this.#toldDead.has(otherId) || this.#toldDead.has(id)) continue;
      this.#violated(`${id} starts while ${otherId} lives, of which no death was told`);
    }
    this.containers.set(launch.containerId, launch);
  }

  input(input: CoreInput, nowMs: number): void {
    switch (input.type) {
      case 'submit':
        this.#promises.set(this.#key(input.task.id), []);
        return;
      case 'submit-all':
        for (const { id } of input.tasks) this.#promises.set(this.#key(id), []);
        return;
      case 'submit-group':
        for (const { id } of input.group.tasks) if (id !== undefined) this.#promises.set(this.#key(id), []);
        return;
      case 'delete':
      case 'reconcile':
      case 'teardown':
        this.#requests.set(this.#key(`${input.request}`), 0);
        if (input.type === 'delete') this.#blindDeletes.add(input.taskId);
        return;
      case 'handled': {
        const uuid = this.#underWay.get(input.update);
        this.#underWay.delete(input.update);
        if (uuid !== undefined && !input.error) this.#handled.add(uuid);
        return;
      }
      case 'event':
        if (input.event.type === 'OFFERS') this.#offered(input.event.offers.offers, nowMs);
        if (input.event.type === 'RESCIND') this.offers.delete(input.event.rescind.offer_id.value);
        if (input.event.type === 'UPDATE') this.#heard(input.event.update.status, nowMs);
        if (input.event.type === 'SUBSCRIBED') this.offers.clear();
        return;
      default:
    }
  }

  effect(effect: CoreEffect, nowMs: number): void {
    switch (effect.type) {
      case 'connect':
      case 'disconnect':
        this.offers.clear();
        return;
      case 'send':
        return this.#sent(effect.call, nowMs);
      case 'task-update': {
        const { uuid } = effect.told.status;
        if (uuid !== undefined) this.#underWay.set(effect.update, uuid);
        return;
      }
      case 'task-running':
        return this.#promised(effect.record.id, 'running');
      case 'launch-failed':
        return this.#promised(effect.taskId, 'failed');
      case 'task-ended':
        return this.#promised(effect.record.id, 'ended');
      case 'deleted':
      case 'reconciled':
      case 'torn-down':
        return this.#settled(effect.request);
      default:
    }
  }

  /** The client has closed in good order: nothing may be open. */
  closed(): void {
    const prefix = this.#key('');
    for (const [key, times] of this.#requests) {
      if (key.startsWith(prefix) && times !== 1) this.#violated(`request ${key} was settled ${times} times`);
    }
    for (const [key, kinds] of this.#promises) {
      const isOpen = kinds.length === 0 || kinds.at(-1) === 'running';
      if (key.startsWith(prefix) && isOpen) this.#violated(`${key} was left open: ${kinds.join(' ')}`);
    }
  }

  #key(name: string): string {
    return `${this.#life}/${name}`;
  }

  #offered(offers: readonly WireOffer[], nowMs: number): void {
    for (const { id } of offers) this.offers.set(id.value, nowMs);
  }

  #heard({ task_id: { value: id }, state, reason, uuid }: WireTaskStatus, nowMs: number): void {
    if (!deathly.has(state)) return;
    const isAnswer = state === 'TASK_UNKNOWN' || (reason === 'REASON_RECONCILIATION' && uuid === undefined);
    const isYoung =
      nowMs - this.#masterChangedMs < this.#options.youngMasterMs &&
      (this.#launchedAtMs.get(id) ?? -Infinity) < this.#masterChangedMs;
    // A master that was started a short while ago doesn't know yet.
    if (isAnswer && isYoung && state !== 'TASK_UNREACHABLE') return;
    this.#toldDead.add(id);
  }

  #sent(call: SessionCall, nowMs: number): void {
    if (call.type === 'ACKNOWLEDGE') return this.#acknowledged(call.acknowledge);
    if (call.type === 'DECLINE') for (const { value } of call.decline.offer_ids) this.offers.delete(value);
    if (call.type !== 'ACCEPT') return;
    for (const { value } of call.accept.offer_ids) this.offers.delete(value);
    for (const operation of call.accept.operations) {
      for (const { task_id } of launchedBy(operation)) {
        this.#launchedAtMs.set(task_id.value, nowMs);
        if (this.#options.isStored(task_id.value)) continue;
        this.#violated(`${task_id.value} is launched, and the state does not hold it`);
      }
    }
  }

  /** Only what the owner has handled; or what is nobody's business, since another attempt has taken its place. */
  #acknowledged({ task_id: { value: id }, uuid }: { task_id: { value: string }; uuid: string }): void {
    if (this.#handled.has(uuid) || this.#toldDead.has(id) || this.#blindDeletes.has(id)) return;
    this.#violated(`${id}: ${uuid.slice(0, 6)} was acknowledged before it was handled`);
  }

  #promised(id: string, kind: 'running' | 'failed' | 'ended'): void {
    const key = this.#key(id);
    const kinds = this.#promises.get(key) ?? [];
    kinds.push(kind);
    this.#promises.set(key, kinds);
    // What was told running in a former life is told nothing more than its end in this one.
    const isOnce = /^(running|(running )?(failed|ended))$/.test(kinds.join(' '));
    if (!isOnce) this.#violated(`${key} was told ${kinds.join(' ')}`);
  }

  #settled(request: number): void {
    const key = this.#key(`${request}`);
    const times = (this.#requests.get(key) ?? 0) + 1;
    this.#requests.set(key, times);
    if (times > 1) this.#violated(`request ${key} was settled ${times} times`);
  }

  #violated(text: string): void {
    this.violations.push(`${(this.#options.cluster.nowMs / 1000).toFixed(3)} ${text}`);
  }
}

export function launchedBy(operation: WireOperation): readonly WireTaskInfo[] {
  if (operation.type === 'LAUNCH') return operation.launch.task_infos;
  return operation.type === 'LAUNCH_GROUP' ? operation.launch_group.task_group.tasks : [];
}

/** Attempts of one submission differ in the number at the end. */
function submissionOf(mesosTaskId: string): string {
  return mesosTaskId.replace(/\.\d+$/, '');
}
