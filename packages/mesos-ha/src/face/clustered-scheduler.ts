import type { Cluster } from '@vibrissa/cluster';
import {
  InvalidTaskError,
  SchedulerClosedError,
  whyInvalid,
  type DeleteOutcome,
  type TaskSpec,
} from '@vibrissa/mesos';

import { drawn, shortId } from '../base/new-id.ts';
import { Term } from '../leading/term.ts';
import { MesosAccess } from '../mesos/mesos-access.ts';
import { bytesOf, MOST_BYTES } from '../shared/chunked.ts';
import { entry, outcomeOf, recordOf, wishOf } from '../shared/entries.ts';
import { frameworkKeys } from '../shared/keys.ts';
import { deletionOf } from '../shared/outcome.ts';
import type { Wish } from '../shared/wish.ts';
import { clusterTask, type ClusterTask, type ClusterTaskExplanation } from './cluster-task.ts';
import { compileOptions, type CompiledOptions } from './compile-options.ts';
import { frameworkView, type FrameworkView } from './framework-view.ts';
import type { ClusteredOptions, RequestOptions } from './options.ts';
import { TaskPromises } from './task-promises.ts';
import { taskViews, type TaskView } from './task-view.ts';
import { Wishes } from './wishes.ts';

/** Something of the framework has changed; `line` is one for the log. */
export interface FrameworkChange {
  readonly kind: 'leading' | 'subscription' | 'problem';
  readonly line: string;
}

/**
 * A Mesos framework of several instances, one of which leads at a time. Each instance opens one, with the same options:
 *
 *     const cluster = await ClusterNode.open({ name: 'my-framework', … });
 *     const framework = await ClusteredScheduler.open({
 *       cluster,
 *       masters: 'http://10.0.0.1:5050,10.0.0.2:5050',
 *       framework: { name: 'my-framework', failoverTimeoutMs: 604_800_000 },
 *     });
 *     const task = await framework.submit({ command: 'sleep 60', cpus: 0.1, memoryMb: 32 }); // on any instance
 *     await task.running;
 *     await framework.leave();
 *
 * What is wanted is shared by all instances. The leading one makes it so; when it dies another one goes on with the same
 * framework id and the same tasks. Every promise settles once; none that nobody awaits crashes the process.
 */
export class ClusteredScheduler implements AsyncDisposable {
  readonly #cluster: Cluster;
  readonly #options: CompiledOptions;
  readonly #mesos: MesosAccess;
  readonly #promises: TaskPromises;
  readonly #wishes: Wishes;
  readonly #closed = new AbortController();
  readonly #listeners = new Set<(change: FrameworkChange) => void>();
  readonly #stopWatching: () => void;
  #term: Term | undefined;
  #ending: Promise<unknown> = Promise.resolve();
  #closing: Promise<void> | undefined;

  private constructor(cluster: Cluster, options: CompiledOptions) {
    const { map, lease, id } = cluster;
    this.#cluster = cluster;
    this.#options = options;
    this.#mesos = new MesosAccess(options.scheduler);
    const frameworkId = () => entry<string>(map, frameworkKeys.id).value;
    this.#promises = new TaskPromises({
      map,
      describe: (record, ended) => this.#mesos.describe(record, ended, frameworkId),
    });
    this.#wishes = new Wishes({
      map,
      clock: options.clock,
      random: options.random,
      member: id,
      closed: this.#closed.signal,
    });
    this.#stopWatching = lease.watch((event) => {
      if (event.kind === 'acquired') this.#begin(event.epoch);
      else this.#end(event.epoch, event.why);
    });
  }

  /** Takes part from now on: leads when the cluster says so. Rejects with `InvalidOptionsError` or `InvalidMasters`. */
  static async open(options: ClusteredOptions): Promise<ClusteredScheduler> {
    return new ClusteredScheduler(options.cluster, compileOptions(options));
  }

  /**
   * Wants a task to run, whichever instance is asked. Resolves when a majority of the instances holds the wish: then it
   * outlives any of them.
   *
   * Rejects with `InvalidTaskError`, with `DuplicateTaskError` (a task of that id is wanted or runs), with
   * `SchedulerClosedError`, or with the cluster's error when no majority could be asked `withinMs`. After the cluster's
   * `OutcomeUnknownError` it may be wanted all the same: submit it again under the same id to find out.
   */
  async submit(spec: TaskSpec, options?: RequestOptions): Promise<ClusterTask> {
    this.#checkOpen();
    const { clock, random, roles } = this.#options;
    const id = spec?.id ?? `task-${clock.now().toString(36)}-${drawn(random, 8)}`;
    const problem = whyUnfit(spec) ?? whyInvalid({ ...spec, id }, roles);
    if (problem !== undefined) throw new InvalidTaskError(id, problem);
    const ticket = drawn(random);
    const wish: Wish = { ticket, spec: { ...spec, id }, by: this.#cluster.id, at: clock.now() };
    await this.#wishes.want(id, wish, options);
    return this.#handle(id, ticket);
  }

  /** One that is wanted, or how it came out is still known. Undefined: there is none, as far as this instance knows. */
  task(id: string): ClusterTask | undefined {
    const { map } = this.#cluster;
    const ticket = wishOf(map, id).value?.ticket ?? outcomeOf(map, id).value?.ticket;
    return ticket === undefined ? undefined : this.#handle(id, ticket);
  }

  /** All that are wanted or may run, as this instance knows them. */
  tasks(): readonly TaskView[] {
    return taskViews(this.#cluster.map);
  }

  /**
   * Wants a task no more: it is withdrawn or killed, whichever instance is asked. Resolves when it is gone, or when nobody
   * can reach its agent: it is killed when that comes back. Rejects with `UnknownTaskError`, `SchedulerClosedError`, or
   * with the cluster's error when no majority could be asked `withinMs`; the deletion itself may take longer.
   */
  async delete(id: string, options?: RequestOptions): Promise<DeleteOutcome> {
    this.#checkOpen();
    const ticket = await this.#wishes.unwant(id, options);
    return deletionOf(await this.#promises.of(id, ticket).outcome.promise);
  }

  /** Why a task waits (known to the leading instance only), or where it is. */
  explain(id: string): ClusterTaskExplanation {
    const led = this.#term?.scheduler?.explain(id);
    if (led && led.kind !== 'unknown') return led;
    const { map } = this.#cluster;
    const record = recordOf(map, id).value;
    const wish = wishOf(map, id).value;
    if (record) return { kind: 'launched', record };
    if (wish) return { kind: 'wanted', by: wish.by, at: wish.at };
    return { kind: outcomeOf(map, id).value ? 'over' : 'unknown' };
  }

  view(): FrameworkView {
    const { name } = this.#options.scheduler.framework;
    const own = this.#term?.standing;
    return frameworkView({ cluster: this.#cluster, name, tasks: this.tasks(), own });
  }

  /** Told of each change of leadership, subscription and problems of this instance. Returns what ends the listening. */
  watch(listener: (change: FrameworkChange) => void): () => void {
    const mine = (change: FrameworkChange) => listener(change);
    this.#listeners.add(mine);
    return () => this.#listeners.delete(mine);
  }

  /**
   * Goes in peace: stops leading, leaves the cluster (which another instance leads then), and closes. Framework and tasks
   * stay. Resolves when the cluster is left, or `withinMs` has passed.
   */
  async leave(options?: RequestOptions): Promise<void> {
    this.#stopWatching();
    this.#endTerm();
    await this.#ending;
    await this.#cluster.leave(options);
    await this.close();
  }

  /**
   * Ends at once; the cluster stays open, and is its owner's. Framework and tasks stay in Mesos. What is open rejects with
   * `SchedulerClosedError`. Idempotent.
   */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #close(): Promise<void> {
    this.#stopWatching();
    this.#closed.abort();
    this.#promises.close(new SchedulerClosedError());
    this.#endTerm();
    await this.#ending;
    await this.#mesos.close();
  }

  #begin(epoch: number): void {
    this.#endTerm();
    this.#tell({
      kind: 'leading',
      line: `${shortId(this.#cluster.id)} leads the framework (epoch ${epoch})`,
    });
    this.#term = new Term(
      {
        cluster: this.#cluster,
        mesos: this.#mesos,
        options: this.#options,
        tell: (kind, line) => this.#tell({ kind, line }),
        resign: (why) => this.#resign(epoch, why),
      },
      epoch,
    );
  }

  #end(epoch: number, why: string): void {
    if (this.#term?.epoch !== epoch) return;
    this.#endTerm();
    this.#tell({
      kind: 'leading',
      line: `${shortId(this.#cluster.id)} leads the framework no more (epoch ${epoch}): ${why}`,
    });
  }

  #endTerm(): void {
    const term = this.#term;
    this.#term = undefined;
    if (term) this.#ending = Promise.allSettled([this.#ending, term.end()]);
  }

  #resign(epoch: number, why: string): void {
    this.#end(epoch, why);
    const { lease } = this.#cluster;
    if (lease.current?.epoch === epoch) lease.resign(why);
  }

  #tell(change: FrameworkChange): void {
    const { logger } = this.#options.scheduler;
    if (change.kind === 'problem') logger?.warn({ kind: change.kind }, change.line);
    else logger?.info({ kind: change.kind }, change.line);
    for (const listener of this.#listeners) {
      try {
        listener(change);
      } catch (error) {
        logger?.error({ err: error }, 'a listener of changes has failed');
      }
    }
  }

  #handle(id: string, ticket: string): ClusterTask {
    return clusterTask(id, this.#promises.of(id, ticket), this);
  }

  #checkOpen(): void {
    if (this.#closing) throw new SchedulerClosedError();
  }
}

/** What can't be shared with the other instances. */
function whyUnfit(spec: TaskSpec): string | undefined {
  if (spec?.customize !== undefined) {
    return 'customize is a function, which can’t be told to the other instances: leave it out, and say what you need by the other fields.';
  }
  const bytes = bytesOf(spec);
  return bytes > MOST_BYTES
    ? `it has ${bytes} bytes as JSON, and may have ${MOST_BYTES}, since all instances keep it: let the task fetch what is large.`
    : undefined;
}
