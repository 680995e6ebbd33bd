import type { Cluster, Timer } from '@vibrissa/cluster';
import { MesosScheduler, type Notice, type TaskUpdate } from '@vibrissa/mesos';

import { shortId } from '../base/new-id.ts';
import { pause } from '../base/pause.ts';
import type { CompiledOptions } from '../face/compile-options.ts';
import { labelsOf } from '../mesos/cluster-labels.ts';
import type { MesosAccess } from '../mesos/mesos-access.ts';
import { asJson, entry } from '../shared/entries.ts';
import type { FrameworkRemoval, FrameworkStanding } from '../shared/framework-entries.ts';
import type { FrameworkProblem } from '../shared/framework-problem.ts';
import { frameworkKeys, prefixes } from '../shared/keys.ts';
import { mapErrorCode } from '../shared/map-errors.ts';
import { ReplicatedFrameworkState } from '../state/replicated-framework-state.ts';
import { buryFramework } from './bury-framework.ts';
import { claimFramework, inventId, type Claimed } from './claim-framework.ts';
import { LatestWriter } from './latest-writer.ts';
import { OutcomeWriter } from './outcome-writer.ts';
import { outdatedOutcomes } from './outdated-outcomes.ts';
import * as problems from './problems.ts';
import { StrayTasks } from './stray-tasks.ts';
import { TermStanding } from './term-standing.ts';
import { WishKeeper } from './wish-keeper.ts';

const AGAIN_MS = 1000;
/** A subscription must not wait for longer for what a master says of itself: it may be cut off. */
const ASK_MASTER_MS = 1000;
/** From a refusal of the subscription to the next attempt: somebody may have mended it. */
const REFUSED_AGAIN_MS = 30_000;
const PRUNE_EVERY_MS = 30_000;
/** Answers that say that Mesos takes somebody else, or nobody, for the subscriber. */
const fenced: ReadonlySet<number> = new Set([400, 403]);

export interface TermDeps {
  readonly cluster: Cluster;
  readonly mesos: MesosAccess;
  readonly options: CompiledOptions;
  /** One line for the log. */
  readonly tell: (kind: 'subscription' | 'problem', line: string) => void;
  /** Mesos contradicts the lease: it is given up, to come back with a new epoch only. */
  readonly resign: (why: string) => void;
}

/**
 * What one leader does from its lease's beginning to its end: it comes by the framework's id, subscribes, and makes it so
 * that what is wanted runs. Whatever goes wrong is tried again while the lease lasts; nothing is done after that.
 */
export class Term {
  readonly epoch: number;
  readonly #deps: TermDeps;
  readonly #over = new AbortController();
  readonly #standing: TermStanding;
  readonly #shown: LatestWriter;
  readonly #outcomes: OutcomeWriter;
  readonly #timers = new Set<Timer>();
  #scheduler: MesosScheduler | undefined;
  #keeper: WishKeeper | undefined;
  #closing: Promise<unknown> = Promise.resolve();
  /** Runs while Mesos can't be reached. */
  #patience: Timer | undefined;

  constructor(deps: TermDeps, epoch: number) {
    const { cluster, options } = deps;
    const { map } = cluster;
    const { clock } = options;
    this.#deps = deps;
    this.epoch = epoch;
    this.#standing = new TermStanding({ epoch, member: cluster.id, sinceMs: clock.monotonicMs() });
    this.#shown = new LatestWriter({ map, key: frameworkKeys.standing, epoch });
    this.#outcomes = new OutcomeWriter({ map, epoch, clock, signal: this.#over.signal });
    this.#waitForMesos();
    void this.#lead();
    this.#every(PRUNE_EVERY_MS, () => this.#prune());
  }

  get standing(): FrameworkStanding {
    return this.#standing.read();
  }

  /** While this instance leads and has come by the framework's id. */
  get scheduler(): MesosScheduler | undefined {
    return this.#scheduler;
  }

  /** No call to Mesos leaves after this has returned. Resolves when its sockets are closed. */
  async end(): Promise<void> {
    if (!this.#over.signal.aborted) {
      this.#over.abort();
      this.#waitNoMore();
      for (const timer of this.#timers) timer.cancel();
      this.#hangUp();
    }
    await this.#closing;
  }

  async #lead(): Promise<void> {
    const { signal } = this.#over;
    const { clock } = this.#deps.options;
    while (!signal.aborted && !this.#scheduler) {
      try {
        await this.#begin();
        return;
      } catch (error) {
        if (signal.aborted) return;
        this.#problem(beginningProblem(error));
        await pause(clock, AGAIN_MS, signal);
      }
    }
  }

  async #begin(): Promise<void> {
    const claimed = await this.#claim();
    this.#standing.mended('NOT_SHARED');
    if (claimed.removed && !(await this.#renew(claimed.removed))) return;
    const { frameworkId, claim } = claimed.removed ? await this.#claim() : claimed;
    // What is wanted and what was launched must be as new as this term.
    const { map } = this.#deps.cluster;
    await Promise.all([map.read(prefixes.wanted), map.read(prefixes.task), map.read(prefixes.outcome)]);
    const scheduler = await this.#open(frameworkId);
    if (this.#over.signal.aborted) return scheduler.close();
    this.#scheduler = scheduler;
    this.#standing.mended('CANNOT_LEAD');
    const strays = this.#strays(scheduler, { frameworkId, claim });
    this.#keeper = new WishKeeper({
      map,
      scheduler,
      outcomes: this.#outcomes,
      clock: this.#deps.options.clock,
      labels: (task) => labelsOf({ ...this.#labels, task }),
      onStray: (ids) => strays.add(ids),
    });
    this.#keeper.start();
    this.#subscribe(scheduler);
  }

  #claim(): Promise<Claimed> {
    const { cluster, mesos, options } = this.#deps;
    const { name } = options.scheduler.framework;
    const { principal } = options;
    return claimFramework({
      map: cluster.map,
      operator: mesos.operator,
      marks: { name, cluster: cluster.view().name, ...(principal === undefined ? {} : { principal }) },
      epoch: this.epoch,
      member: cluster.id,
      epochMs: options.clock.now(),
      random: options.random,
      signal: this.#over.signal,
    });
  }

  /** False: the options want it to stay removed. */
  async #renew(removal: FrameworkRemoval): Promise<boolean> {
    const { cluster, options } = this.#deps;
    const { framework, onTask } = options.scheduler;
    const { frameworkId, reason } = removal;
    if (framework.onRemoved !== 'new-id') {
      this.#waitNoMore();
      this.#problem(problems.removedFramework(frameworkId, reason));
      return false;
    }
    const { map } = cluster;
    await Promise.all([map.read(prefixes.wanted), map.read(prefixes.task)]);
    const newId = inventId(framework.name, options.random);
    const deps = { map, epoch: this.epoch, member: cluster.id, epochMs: options.clock.now(), onTask };
    await buryFramework(deps, removal, newId);
    this.#standing.mended('FRAMEWORK_REMOVED');
    this.#deps.tell('subscription', `Mesos had removed ${frameworkId}; the framework goes on as ${newId}`);
    return true;
  }

  async #open(frameworkId: string): Promise<MesosScheduler> {
    const { cluster, mesos, options } = this.#deps;
    const { framework, tasks, reconcile } = options.scheduler;
    const { masters: _, ...scheduler } = options.scheduler;
    const knownMaster = await this.#askMaster();
    const labels = (task: string) => labelsOf({ ...this.#labels, task });
    return MesosScheduler.open({
      ...scheduler,
      // Who removed it is answered by a new id that is shared before it is used.
      framework: {
        ...framework,
        id: frameworkId,
        onRemoved: 'fail',
        labels: { ...framework.labels, ...labelsOf(this.#labels) },
      },
      detector: mesos.detector,
      state: new ReplicatedFrameworkState({ map: cluster.map, epoch: this.epoch, labels }),
      tasks: { ...tasks, unknown: 'adopt' },
      reconcile: { ...reconcile, ...(knownMaster ? { knownMaster } : {}) },
      mayAct: (nowMs) => this.#mayAct(nowMs),
      onTask: (update) => this.#onTask(update),
      onNotice: (notice) => this.#onNotice(notice),
    });
  }

  /** Undefined: it won't say, and counts as young. */
  async #askMaster(): Promise<{ readonly id: string; readonly sinceEpochMs: number } | undefined> {
    const { mesos, options } = this.#deps;
    const late = new AbortController();
    const timer = options.clock.after(ASK_MASTER_MS, () => late.abort());
    try {
      const signal = AbortSignal.any([this.#over.signal, late.signal]);
      const { master_info, elected_time } = await mesos.operator.getMaster(signal);
      return elected_time === undefined
        ? undefined
        : { id: master_info.id, sinceEpochMs: elected_time * 1000 };
    } catch {
      return undefined;
    } finally {
      timer.cancel();
    }
  }

  #strays(scheduler: MesosScheduler, { frameworkId, claim }: Claimed): StrayTasks {
    const { cluster, mesos, options } = this.#deps;
    return new StrayTasks({
      map: cluster.map,
      scheduler,
      operator: mesos.operator,
      frameworkId,
      cluster: cluster.view().name,
      claim,
      epoch: this.epoch,
      member: cluster.id,
      clock: options.clock,
      random: options.random,
      signal: this.#over.signal,
      onForeign: (ids) => this.#problem(problems.foreignTasks(ids)),
    });
  }

  get #labels(): { readonly name: string; readonly epoch: number; readonly member: string } {
    const { cluster } = this.#deps;
    return { name: cluster.view().name, epoch: this.epoch, member: cluster.id };
  }

  #mayAct(nowMs: number): boolean {
    const { lease } = this.#deps.cluster;
    return !this.#over.signal.aborted && lease.current?.epoch === this.epoch && lease.isValid(nowMs);
  }

  async #onTask(update: TaskUpdate): Promise<void> {
    await this.#deps.options.scheduler.onTask(update);
    if (update.end) await this.#keeper?.onEnd(update);
  }

  #subscribe(scheduler: MesosScheduler): void {
    // How it comes out is told by notices.
    scheduler.subscribe().catch(() => {});
  }

  #onNotice(notice: Notice): void {
    if (this.#over.signal.aborted) return;
    this.#deps.options.scheduler.onNotice?.(notice);
    switch (notice.kind) {
      case 'subscribed':
        return this.#onSubscribed(notice);
      case 'lost':
        return this.#onLost(notice);
      case 'stepped-down':
        return this.#resign(notice.reason);
      case 'removed':
        return this.#onRemoved(notice.reason);
      case 'refused':
        this.#standing.unsubscribed();
        this.#waitNoMore();
        this.#problem(problems.refused(notice.status, notice.reason));
        return this.#after(REFUSED_AGAIN_MS, () => this.#scheduler && this.#subscribe(this.#scheduler));
      default:
        return;
    }
  }

  #onSubscribed(notice: Notice & { readonly kind: 'subscribed' }): void {
    this.#waitNoMore();
    const { clock } = this.#deps.options;
    const isFirst = this.#standing.read().subscribedAfterMs === undefined;
    this.#standing.subscribed(notice, { epochMs: clock.now(), nowMs: clock.monotonicMs() });
    this.#show();
    const { subscribedAfterMs = 0, masterId = 'a master' } = this.#standing.read();
    const when = isFirst ? `, ${subscribedAfterMs} ms after it was made the leader` : ' again';
    this.#deps.tell(
      'subscription',
      `${shortId(this.#deps.cluster.id)} is subscribed at ${masterId} as ${notice.frameworkId}${when} (epoch ${this.epoch})`,
    );
  }

  #onLost({ reason, status }: Notice & { readonly kind: 'lost' }): void {
    this.#standing.unsubscribed();
    if (status !== undefined && fenced.has(status)) return this.#resign(reason);
    this.#problem(problems.noMaster(reason));
    this.#waitForMesos();
  }

  /** What is cut off from Mesos may not be so for another instance; without one there is nobody to give way to. */
  #waitForMesos(): void {
    const { clock, giveWayMs } = this.#deps.options;
    if (giveWayMs === Infinity) return;
    this.#patience ??= clock.after(giveWayMs, () => {
      this.#patience = undefined;
      const { members } = this.#deps.cluster.view();
      if (members.some(({ isSelf, role, state }) => !isSelf && role === 'voter' && state === 'alive'))
        return this.#resign(`Mesos can't be reached from here for ${giveWayMs} ms; another may reach it`);
      this.#waitForMesos();
    });
  }

  /** It is reached; or it has spoken, and would say the same to all instances. */
  #waitNoMore(): void {
    this.#patience?.cancel();
    this.#patience = undefined;
  }

  #resign(why: string): void {
    void this.end();
    this.#deps.resign(why);
  }

  #onRemoved(reason: string): void {
    this.#standing.unsubscribed();
    this.#waitNoMore();
    this.#hangUp();
    void this.#markRemoved(reason);
  }

  /** For all leaders to come: none of them needs to ask Mesos again. */
  async #markRemoved(reason: string): Promise<void> {
    const { cluster, options } = this.#deps;
    const { signal } = this.#over;
    const frameworkId = entry<string>(cluster.map, frameworkKeys.id).value ?? '';
    const removal: FrameworkRemoval = { frameworkId, reason, at: options.clock.now() };
    while (!signal.aborted) {
      try {
        const put = { [frameworkKeys.removed]: asJson(removal) };
        await cluster.map.write({ epoch: this.epoch, put });
        return await this.#lead();
      } catch (error) {
        if (mapErrorCode(error) === 'EPOCH_OVER') return;
        await pause(options.clock, AGAIN_MS, signal);
      }
    }
  }

  #hangUp(): void {
    this.#keeper?.stop();
    const scheduler = this.#scheduler;
    this.#keeper = undefined;
    this.#scheduler = undefined;
    if (scheduler) this.#closing = Promise.allSettled([this.#closing, scheduler.close()]);
  }

  #problem(problem: FrameworkProblem): void {
    if (!this.#standing.problem(problem)) return;
    this.#deps.tell('problem', `${problem.code}: ${problem.message}. ${problem.mend}`);
    this.#show();
  }

  #show(): void {
    this.#shown.set(asJson(this.#standing.read()));
  }

  async #prune(): Promise<void> {
    const { cluster, options } = this.#deps;
    const outcomes = cluster.map.entries(prefixes.outcome);
    const remove = outdatedOutcomes(outcomes, options.clock.now(), options.outcomes);
    // What fails is pruned the next time.
    if (remove.length > 0) await cluster.map.write({ epoch: this.epoch, remove }).catch(() => {});
  }

  #after(delayMs: number, run: () => unknown): void {
    const timer = this.#deps.options.clock.after(delayMs, () => {
      this.#timers.delete(timer);
      if (!this.#over.signal.aborted) run();
    });
    this.#timers.add(timer);
  }

  #every(periodMs: number, run: () => Promise<void>): void {
    this.#after(periodMs, () => {
      void run();
      this.#every(periodMs, run);
    });
  }
}

function beginningProblem(error: unknown): FrameworkProblem {
  const { name, code } = (error ?? {}) as { readonly name?: unknown; readonly code?: unknown };
  if (mapErrorCode(error) !== undefined || code === 'STATE_UNUSABLE') return problems.notShared(error);
  const isMasters =
    name === 'MasterUnreachable' ||
    name === 'NotAMaster' ||
    name === 'OperatorRefused' ||
    name === 'NoMasters';
  return isMasters ? problems.noMaster(problems.said(error)) : problems.cannotLead(error);
}
