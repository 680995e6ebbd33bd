import { HttpAsker } from '../agent/http-asker.ts';
import { MesosOperator } from '../agent/mesos-operator.ts';
import { SandboxLogs } from '../agent/sandbox-logs.ts';
import type { StoredState } from '../state/framework-state.ts';
import type { DeleteOutcome } from '../tasks/task-outcome.ts';
import type { TaskRecord } from '../tasks/task-record.ts';
import type { TaskGroupSpec, TaskSpec } from '../tasks/task-spec.ts';
import type { CallAnswer, MasterUrl } from '../transport/transport.ts';
import type { SessionCall, WireTaskStatus } from '../wire/index.ts';
import { compileOptions, type CompiledOptions } from './compile-options.ts';
import { CoreDriver, type ToldEffect } from './core-driver.ts';
import type { AgentTotals, CoreInput, Notice, Reconciled } from './core-messages.ts';
import type { TaskExplanation } from './core/explain-task.ts';
import { Deferred } from './deferred.ts';
import { CallRefusedError } from './errors/request-errors.ts';
import { SchedulerClosedError } from './errors/standing-errors.ts';
import { DuplicateTaskError } from './errors/task-errors.ts';
import { isAccepted } from './is-accepted.ts';
import { NoticeListeners } from './notice-listeners.ts';
import type { SchedulerOptions } from './options.ts';
import { Requests } from './requests.ts';
import { runningTask, type RunningTask } from './running-task.ts';
import { SchedulerCore } from './scheduler-core.ts';
import { StatsCounter, type SchedulerStats } from './scheduler-stats.ts';
import { Subscription } from './subscription.ts';
import { taskGroupHandle, taskHandle, type TaskGroupHandle, type TaskHandle } from './task-handle.ts';
import { TaskHandles, type TaskPromises } from './task-handles.ts';
import { TaskIds } from './task-ids.ts';

const TAKEN = 'another task of its group has an id that is taken';

/**
 * Makes this program a Mesos framework.
 *
 *     const scheduler = await MesosScheduler.open({
 *       masters: 'http://127.0.0.1:5050',
 *       framework: { name: 'my-framework' },
 *       state: await FileFrameworkState.open('/var/lib/my-framework'),
 *       onTask: async ({ taskId, status }) => console.log(taskId, status.state),
 *     });
 *     await scheduler.subscribe();
 *     const task = scheduler.submit({ command: 'sleep 60', cpus: 0.1, memoryMb: 32 });
 *     await task.running;
 *
 * Every promise that it gives settles once; none that nobody awaits crashes the process. Rejections are `MesosError`s,
 * to be told apart by `code`.
 */
export class MesosScheduler implements AsyncDisposable {
  readonly #options: CompiledOptions;
  /** As it was found, until the first start. */
  #stored: StoredState;
  readonly #core: SchedulerCore;
  readonly #driver: CoreDriver;
  readonly #http: HttpAsker;
  readonly #subscription: Subscription;
  readonly #handles: TaskHandles;
  readonly #requests = new Requests();
  readonly #notices: NoticeListeners;
  readonly #stats = new StatsCounter();
  readonly #ids: TaskIds;
  /**
   * `started`: losses are mended by themselves. `refused`: another attempt may help. `ended`: what is known of the tasks
   * is void, and only a new start helps.
   */
  #session: 'new' | 'started' | 'refused' | 'ended' = 'new';
  #closing: Promise<void> | undefined;

  private constructor(options: CompiledOptions, stored: StoredState) {
    const { clock, random, transport, detector, state, onTask } = options;
    this.#options = options;
    this.#stored = stored;
    this.#core = new SchedulerCore(options.core, { random });
    this.#subscription = new Subscription(clock);
    this.#http = new HttpAsker(options.http);
    this.#ids = new TaskIds(options);
    this.#notices = new NoticeListeners(options.logger);
    if (options.onNotice) this.#notices.add(options.onNotice);
    const source = {
      sandboxes: new SandboxLogs(this.#http, { clock }),
      frameworkId: () => this.frameworkId,
      closed: this.#http.closed,
    };
    this.#handles = new TaskHandles((record, ended) => runningTask(record, ended, source));
    this.#driver = new CoreDriver({
      core: this.#core,
      clock,
      transport,
      detector,
      state,
      onTask,
      askAgents: (master, signal) => this.#askAgents(master, signal),
      tell: (effect) => this.#told(effect),
      watch: this.#stats,
    });
    this.#driver.input({ type: 'load', stored });
  }

  /**
   * Reads the state; connects to nobody yet. Rejects with `InvalidOptionsError`, `InvalidMasters` or
   * `FrameworkStateError`.
   */
  static async open(given: SchedulerOptions): Promise<MesosScheduler> {
    const options = compileOptions(given);
    try {
      return new MesosScheduler(options, await options.state.load());
    } catch (error) {
      await Promise.allSettled([options.state.close(), options.detector.close()]);
      throw error;
    }
  }

  /** As Mesos gave it, or as the state holds it; undefined before the first subscription. */
  get frameworkId(): string | undefined {
    return this.#subscription.frameworkId ?? this.#stored.frameworkId;
  }

  /** A master has confirmed the subscription, and it stands. */
  get isSubscribed(): boolean {
    return this.#subscription.isSubscribed;
  }

  /**
   * Finds the leading master and subscribes; resolves with the framework's id, at once when there is a subscription.
   * Lost subscriptions come back by themselves, with notices.
   *
   * Rejects with `WrongCredentialsError`, `SubscriptionRefusedError`, `FrameworkRemovedError`, `NotAMesosMasterError` or
   * `NotLeaderError`, which only you can mend (subscribe again then); with `NoMasterError` after `withinMs`, while the
   * attempts go on; with `SchedulerClosedError`.
   */
  subscribe({ withinMs }: { readonly withinMs?: number } = {}): Promise<string> {
    if (this.#closing) return unobserved(Promise.reject(new SchedulerClosedError()));
    const subscribed = this.#subscription.wait(withinMs);
    if (this.#session === 'new') this.#start(this.#stored);
    if (this.#session === 'refused') this.lead(true);
    if (this.#session === 'ended') this.#startAnew();
    return subscribed;
  }

  /** Wants a task to run. It waits for a fitting offer, whether or not there is a subscription. Never throws. */
  submit(spec: TaskSpec): TaskHandle {
    // A program in JavaScript may give anything: what is wrong with it is told like any other failure.
    const id = (spec as TaskSpec | null)?.id ?? this.#ids.next('task');
    const { handle, isNew } = this.#promise(id);
    if (isNew) this.#submit([id], { type: 'submit', task: { ...spec, id } });
    return handle;
  }

  /**
   * The same for many, which are matched together: a launch uses up its whole offer, so that of tasks which are submitted
   * one after the other each but the first may have to wait for the next. Never throws.
   */
  submitAll(specs: readonly TaskSpec[]): readonly TaskHandle[] {
    const promised = specs.map((spec) => {
      const id = (spec as TaskSpec | null)?.id ?? this.#ids.next('task');
      return { ...this.#promise(id), task: { ...spec, id } };
    });
    const tasks = promised.filter(({ isNew }) => isNew).map(({ task }) => task);
    if (tasks.length > 0)
      this.#submit(
        tasks.map(({ id }) => id),
        { type: 'submit-all', tasks },
      );
    return promised.map(({ handle }) => handle);
  }

  /** Wants tasks to run together on one agent, in one executor (a pod). Never throws. */
  submitGroup(spec: TaskGroupSpec): TaskGroupHandle {
    const id = (spec as TaskGroupSpec | null)?.id ?? this.#ids.next('group');
    const given: unknown = (spec as TaskGroupSpec | null)?.tasks;
    const tasks = (Array.isArray(given) ? (given as readonly (TaskSpec | null)[]) : []).map(
      (task, index) => ({
        ...(task as TaskSpec),
        id: task?.id ?? `${id}-${index + 1}`,
      }),
    );
    // A group without tasks is invalid, which is told under its own id.
    const ids = tasks.length === 0 ? [id] : tasks.map((task) => task.id);
    if (this.#isTaken(id)) {
      const error = new DuplicateTaskError(id);
      return taskGroupHandle(
        id,
        ids.map((each) => taskHandle(each, rejected(error), this)),
        this,
      );
    }
    const promised = ids.map((each) => this.#promise(each));
    const fresh = promised.filter(({ isNew }) => isNew).map(({ handle }) => handle.id);
    if (fresh.length === ids.length)
      this.#submit(ids, { type: 'submit-group', group: { ...spec, id, tasks } });
    // Its tasks run together or not at all.
    else for (const each of fresh) this.#handles.failed(each, { kind: 'invalid-task', reason: TAKEN });
    return taskGroupHandle(
      id,
      promised.map(({ handle }) => handle),
      this,
    );
  }

  /**
   * A task that waits or runs: one of an earlier life of this framework, too. Undefined: there is none, or the id is a
   * group's.
   */
  task(id: string): TaskHandle | undefined {
    const known = this.#handles.get(id);
    if (known) return taskHandle(id, known, this);
    const record = this.#recordOf(id);
    if (!record) return undefined;
    const promises = this.#handles.add(id);
    if (record.ran) this.#handles.running(record);
    return taskHandle(id, promises, this);
  }

  /** A group by its id, with those of its tasks that wait or run. Undefined: there is none. */
  group(id: string): TaskGroupHandle | undefined {
    const tasks = this.#core.group(id).flatMap((record) => this.task(record.id) ?? []);
    return tasks.length === 0 ? undefined : taskGroupHandle(id, tasks, this);
  }

  /** The records of all tasks that wait or run. */
  tasks(): readonly TaskRecord[] {
    return [...this.#core.tasks()];
  }

  /**
   * Withdraws or kills a task (or a group, by its id); resolves when it is gone, or when nobody can reach its agent: it
   * is killed when that comes back. Rejects with `UnknownTaskError`, `NotLeaderError`, `SchedulerClosedError`.
   */
  delete(id: string): Promise<DeleteOutcome> {
    return this.#ask<DeleteOutcome>(id, (request) => ({ type: 'delete', request, taskId: id }));
  }

  /** Offers in hand now, which no other framework can use meanwhile. */
  get offersHeld(): number {
    return this.#core.offersHeld;
  }

  /** Why a task waits (what the offers lacked), or where it is. */
  explain(id: string): TaskExplanation {
    const { clock } = this.#options;
    return this.#core.explain(id, { nowMs: clock.monotonicMs(), epochMs: clock.now() });
  }

  /**
   * Asks Mesos what has become of all tasks, as it is done by itself after each subscription and from time to time;
   * the answers go to `onTask`. Resolves with the tasks about which Mesos stayed silent.
   */
  reconcile(): Promise<Reconciled> {
    return this.#ask<Reconciled>('', (request) => ({ type: 'reconcile', request }));
  }

  /**
   * Sends any call of the scheduler API as it is. Resolves with its answer; "accepted" (202) says that it was well-formed,
   * not that it had an effect. Rejects with `CallRefusedError`, `NotSubscribedError`, ….
   */
  call(call: SessionCall): Promise<CallAnswer> {
    const answered = this.#ask<CallAnswer>('', (request) => ({ type: 'call', request, call }));
    return unobserved(
      answered.then((answer) => {
        if (isAccepted(answer)) return answer;
        throw new CallRefusedError(answer.status, answer.text);
      }),
    );
  }

  /** Says whether this instance leads, where several share one framework: one that does not never subscribes. */
  lead(leading: boolean): void {
    const input = () => this.#driver.input({ type: 'leadership', leading });
    if (leading && this.#session === 'ended') return this.#startAnew(input);
    if (leading && this.#session === 'refused') this.#session = 'started';
    input();
  }

  /**
   * Removes the framework from Mesos, which kills all its tasks; its id is dead then. What follows is `close`, or
   * `subscribe` as another framework. Rejects with `NotSubscribedError`, ….
   */
  teardown(): Promise<void> {
    return this.#ask<void>('', (request) => ({ type: 'teardown', request }));
  }

  /** Notices are for people, logs and metrics. Returns what ends the listening. */
  onNotice(listener: (notice: Notice) => void): () => void {
    return this.#notices.add(listener);
  }

  /** Counters since `open`. */
  stats(): SchedulerStats {
    return this.#stats.read();
  }

  /**
   * Ends the subscription and leaves the framework and its tasks in Mesos, for `failoverTimeoutMs`. What is open
   * rejects with `SchedulerClosedError`. No timer and no socket is left when it resolves. Idempotent.
   */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #close(): Promise<void> {
    await this.#driver.close();
    this.#subscription.fail(new SchedulerClosedError());
    this.#requests.closeAll();
    this.#handles.closeAll();
    const { state, detector } = this.#options;
    const ends = await Promise.allSettled([state.close(), detector.close(), this.#http.close()]);
    await socketsClosed();
    const failed = ends.find((end) => end.status === 'rejected');
    if (failed) throw failed.reason;
  }

  #start(stored: StoredState): void {
    this.#session = 'started';
    this.#stored = { ...stored, tasks: [] };
    this.#driver.input({ type: 'start', stored });
  }

  /** Another instance may have changed the state meanwhile. */
  #startAnew(prepare: () => void = () => {}): void {
    this.#session = 'started';
    this.#options.state.load().then(
      (stored) => {
        prepare();
        this.#start(stored);
      },
      (error: Error) => {
        this.#session = 'ended';
        this.#subscription.fail(error);
      },
    );
  }

  #promise(id: string): { readonly handle: TaskHandle; readonly isNew: boolean } {
    const isNew = !this.#isTaken(id);
    const promises = isNew ? this.#handles.add(id) : rejected(new DuplicateTaskError(id));
    return { handle: taskHandle(id, promises, this), isNew };
  }

  /** By a task or a group that has not ended. */
  #isTaken(id: string): boolean {
    if (this.#handles.has(id)) return true;
    const { kind } = this.explain(id);
    return kind !== 'unknown' && kind !== 'ended';
  }

  /** Of a task that has not ended; of a waiting one there is a handle. */
  #recordOf(id: string): TaskRecord | undefined {
    const explained = this.explain(id);
    const isThere = explained.kind === 'launched' || explained.kind === 'storing';
    return isThere && explained.record.id === id ? explained.record : undefined;
  }

  #submit(ids: readonly string[], input: CoreInput): void {
    if (!this.#closing) return this.#driver.input(input);
    for (const id of ids) this.#handles.failed(id, { kind: 'closed' });
  }

  #ask<T>(about: string, input: (request: number) => CoreInput): Promise<T> {
    if (this.#closing) return unobserved(Promise.reject(new SchedulerClosedError()));
    const { request, promise } = this.#requests.add<T>(about);
    this.#driver.input(input(request));
    return promise;
  }

  async #askAgents(master: MasterUrl, signal: AbortSignal): Promise<readonly AgentTotals[]> {
    return new MesosOperator({ http: this.#http, masters: async () => [master] }).agentTotals(signal);
  }

  #told(effect: ToldEffect): void {
    switch (effect.type) {
      case 'task-running':
        return this.#handles.running(effect.record);
      case 'launch-failed':
        return this.#handles.failed(effect.taskId, effect.failure);
      case 'task-ended':
        return this.#handles.ended(effect.record, effect.status);
      case 'torn-down':
        if (!effect.failure) this.#onTornDown();
        return this.#requests.settle(effect.request, effect.failure);
      case 'notice':
        return this.#onNotice(effect.notice);
      default:
        return this.#requests.settle(effect.request, effect.outcome);
    }
  }

  #onTornDown(): void {
    this.#session = 'ended';
    this.#stored = { tasks: [] };
    this.#subscription.forget(new SchedulerClosedError('torn-down'));
  }

  #onNotice(notice: Notice): void {
    const { kind } = notice;
    if (kind === 'refused') this.#session = 'refused';
    if (kind === 'removed' || kind === 'stepped-down') this.#session = 'ended';
    if (kind === 'subscribed') this.#session = 'started';
    this.#subscription.note(notice);
    this.#notices.tell(notice);
  }
}

function rejected(error: Error): TaskPromises {
  const promises = { running: new Deferred<RunningTask>(), ended: new Deferred<WireTaskStatus>() };
  promises.running.reject(error);
  promises.ended.reject(error);
  return promises;
}

/** A promise whose rejection is no crash when nobody awaits it. */
function unobserved<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => {});
  return promise;
}

/** A destroyed socket is closed by the system, with its timers, at the end of a turn of the event loop. */
function socketsClosed(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(() => setImmediate(resolve));
  });
}
